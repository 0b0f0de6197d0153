/** Everything that others publish and the server reads. */
import type { Fetched } from "../context.ts";
import type { ClientOrigin } from "../store/records.ts";
import { clientDocuments } from "./client_documents.ts";
import { fetchedKeys } from "./keys.ts";
import { fetchedObjects } from "./request_objects.ts";

export const fetchedDocuments = (server: Parameters<typeof clientDocuments>[0]): Fetched => ({
  keys: byOrigin({
    operators: fetchedKeys("operator_keys", server),
    clients: fetchedKeys("client_keys", server),
    documents: fetchedKeys("document_keys", server),
  }),
  objects: byOrigin({
    operators: fetchedObjects("operator_object", server),
    clients: fetchedObjects("client_object", server),
  }),
  clients: clientDocuments(server),
});

/** Addresses of operators, of clients that others registered, and of documents that visitors name stay apart. */
const byOrigin = <T>({
  operators: operator,
  clients,
  documents = clients,
}: Readonly<{ operators: T; clients: T; documents?: T }>): Record<ClientOrigin, T> => ({
  ...{ operator, user: clients, registration: clients, metadata_document: documents },
});
