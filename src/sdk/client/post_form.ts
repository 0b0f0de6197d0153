/** A form for an endpoint of the provider, with the client's authentication (RFC 6749 §2.3, §3.2). */
import type { Party } from "./party.ts";

/**
 * @param o.keepalive the browser sends it though the page goes away (Fetch §5.4)
 * @throws AuthError without an answer
 */
export async function postForm(
  party: Party,
  endpoint: string,
  parameters: Record<string, string>,
  { keepalive = false } = {},
): Promise<Response> {
  const headers = new Headers({ accept: "application/json" });
  const body = new URLSearchParams(parameters);
  const server = await party.server();
  await party.authentication(server)(server, party.client, body, headers);
  return party.fetch(endpoint, { method: "POST", headers, body, keepalive });
}
