/** Fetches the logo of an app from its `logo_uri`, once. */
import { FETCH_LOGO, type LogoToFetch, logoFrom, MOST_LOGO_BYTES } from "../clients/logo.ts";
import type { OutboundResponse, Server } from "../context.ts";
import { OutboundError, type OutboundProblem } from "../http/outbound.ts";
import type { JobKind } from "./run_job.ts";

/** Problems that another try may not have; all others give the logo up. */
const PASSING: readonly OutboundProblem[] = ["budget", "name", "connection", "timeout"];
const ACCEPT = { accept: "image/png, image/webp, image/jpeg" };

export const fetchLogo: JobKind = {
  kind: FETCH_LOGO,
  async run({ payload }, { server }) {
    const { client_id, logo_uri }: LogoToFetch = JSON.parse(payload);
    const client = await server.store.findClient(client_id);
    // A later change of the address has a job of its own.
    if (client?.metadata.logo_uri !== logo_uri) return;
    const fetched = await fetchOnce(logo_uri, server);
    const now = Math.floor(server.clock() / 1000);
    const made = "refused" in fetched ? fetched : logoFrom(fetched.body, { client_id, now });
    if ("refused" in made)
      return server.log.warn("logo not shown", { client_id, logo_uri, why: made.refused });
    if (!(await server.store.storeLogo(client, made.logo)))
      throw new Error("the client was changed meanwhile");
    server.log.info("logo stored", { client_id });
  },
};

/** @throws Error for a problem that may pass */
async function fetchOnce(
  logo_uri: string,
  { outbound }: Server,
): Promise<Pick<OutboundResponse, "body"> | { refused: string }> {
  try {
    const options = { purpose: "logo", headers: ACCEPT, most_bytes: MOST_LOGO_BYTES } as const;
    const { status, body } = await outbound.request(logo_uri, options);
    if (status >= 500 || status === 429) throw new Error(`the answer is ${status}`);
    return status === 200 ? { body } : { refused: `the answer is ${status}` };
  } catch (error) {
    if (!(error instanceof OutboundError) || PASSING.includes(error.kind)) throw error;
    return { refused: error.message };
  }
}
