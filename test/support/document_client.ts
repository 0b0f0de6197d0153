/** A client that registers nowhere: its id is the URL of the metadata that it publishes. */
import type { TestClient } from "./server.ts";
import type { Stranger } from "./stranger.ts";

export interface DocumentClient extends TestClient {
  /** Publishes the document with other members. */
  change(members: object, headers?: Record<string, string>): void;
  /** How often the server has asked for the document. */
  asked(): number;
}

export const REDIRECT = "https://printly.test/callback";

let count = 0;
export function documentClient(
  site: Stranger,
  members: object = {},
  headers: Record<string, string> = {},
): DocumentClient {
  count += 1;
  const path = `/client-${count}.json`;
  const client_id = site.origin + path;
  const document = {
    client_id,
    client_name: "Printly",
    redirect_uris: [REDIRECT],
    grant_types: ["authorization_code", "refresh_token"],
    token_endpoint_auth_method: "none",
  };
  const change: DocumentClient["change"] = (changed, with_headers = headers) =>
    void site.publish(path, { ...document, ...changed }, with_headers);
  change(members);
  return {
    client_id,
    client_secret: "",
    // Flows look at the authentication method only.
    record: { metadata: { token_endpoint_auth_method: "none" } } as TestClient["record"],
    change,
    asked: () => site.asked.filter((each) => each === path).length,
  };
}
