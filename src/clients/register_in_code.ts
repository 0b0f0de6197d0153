/** Clients that the code of an embedding app registers. */
import type { ClientMetadata } from "../oauth/client_metadata.ts";
import { createClient } from "./create_client.ts";
import { type ClientInformation, type ClientOptions, clientInformation } from "./new_client.ts";
import type { ClientEnv } from "./rules.ts";

export async function registerClient(
  env: ClientEnv,
  metadata: Partial<ClientMetadata>,
  options: ClientOptions,
): Promise<ClientInformation> {
  const by = { kind: "operator", id: null, via: "code" } as const;
  const made = await createClient({ document: { ...metadata, ...options } }, by, env);
  // Nobody has this random id.
  if (typeof made === "string") throw new Error(`the new client's id is ${made}`);
  return clientInformation(made.client, made.client_secret);
}
