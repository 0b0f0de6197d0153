/** Tells a client that a session has ended, by a POST to its `backchannel_logout_uri` (Back-Channel Logout §2.5, §2.8). */
import { isEnabled } from "../clients/document_client.ts";
import type { OutboundPurpose, OutboundRequest, OutboundResponse, Server } from "../context.ts";
import { OutboundError, type OutboundProblem } from "../http/outbound.ts";
import { BACKCHANNEL_LOGOUT, type ToTell } from "../sessions/client_sessions.ts";
import { auditEvent } from "../store/audit.ts";
import type { ClientRecord } from "../store/records.ts";
import { mintLogoutToken } from "../tokens/logout_token.ts";
import { peers } from "./peers.ts";
import { type JobKind, TryLater } from "./run_job.ts";

/** Problems that another try may not have. */
const PASSING: readonly OutboundProblem[] = ["name", "connection", "timeout"];
/** Seconds that a client may ask to be left alone (`Retry-After`). */
const LONGEST_PAUSE = 3600;
/** Seconds until the budget for requests to one site allows another one. */
const NO_BUDGET = 10;

/** A kind of job for one runner, which remembers the clients that hang or fail. */
export function backchannelLogout(): JobKind {
  const called = peers();
  return {
    kind: BACKCHANNEL_LOGOUT,
    async run({ payload, attempts }, { server }) {
      const told: ToTell = JSON.parse(payload);
      const { store, log, clock } = server;
      const client = await store.findClient(told.client_id);
      // Removed or disabled meanwhile, or it wants to be told no longer.
      if (!client || !isEnabled(client, server)) return;
      const uri = client.metadata.backchannel_logout_uri;
      if (uri === undefined) return;
      // An address of a stranger's client that hangs holds up no operator's client at the same site.
      const peer = `${purposeOf(client)} ${new URL(uri).origin}`;
      const turn = called.take(peer, Math.floor(clock() / 1000));
      if ("wait" in turn)
        throw new TryLater(turn.wait, "the client is busy or rests", { quiet: true });
      const outcome = await tell(client, uri, { told, server }).catch((error: unknown) => {
        // A full budget says nothing about the client.
        turn.end(error instanceof TryLater && error.quiet ? "answered" : "failed");
        throw error;
      });
      turn.end("answered");
      const { client_id } = told;
      if (outcome === "told") return log.info("logout told", { client_id, attempts });
      await giveUp(told, outcome.refused, server);
    },
    givenUp: ({ payload, error }, { server }) =>
      giveUp(JSON.parse(payload), error ?? "there was no time to try", server),
  };
}

const purposeOf = ({ created_by }: ClientRecord): OutboundPurpose =>
  created_by === "operator" ? "operator_logout" : "client_logout";

/**
 * Each try has a token of its own.
 * @throws Error for a problem that may pass
 */
async function tell(
  client: ClientRecord,
  uri: string,
  { told, server }: { told: ToTell; server: Server },
): Promise<"told" | { refused: string }> {
  const logout_token = await mintLogoutToken(client, told, server);
  const body = new URLSearchParams({ logout_token }).toString();
  const answer = await post(uri, { purpose: purposeOf(client), body }, server);
  if ("refused" in answer) return answer;
  const { status } = answer;
  if (status >= 200 && status < 300) return "told";
  const why = `the client answers ${status}`;
  if (status < 500 && status !== 429) return { refused: why };
  throw new TryLater(pauseOf(answer, server), why);
}

async function post(
  uri: string,
  request: Pick<OutboundRequest, "purpose" | "body">,
  { outbound }: Server,
): Promise<OutboundResponse | { refused: string }> {
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  try {
    return await outbound.request(uri, {
      ...{ ...request, method: "POST", headers, status_only: true },
    });
  } catch (error) {
    if (!(error instanceof OutboundError)) throw error;
    if (error.kind === "budget") throw new TryLater(NO_BUDGET, error.message, { quiet: true });
    if (PASSING.includes(error.kind)) throw error;
    return { refused: error.message };
  }
}

/** Seconds that the client asks for; 0: it does not say. */
function pauseOf(answer: OutboundResponse, { clock }: Server): number {
  const text = answer.header("retry-after") ?? "";
  const seconds = /^\d+$/.test(text) ? Number(text) : (Date.parse(text) - clock()) / 1000;
  return Number.isNaN(seconds) ? 0 : Math.min(LONGEST_PAUSE, Math.max(0, Math.ceil(seconds)));
}

/** The person is still signed in at this client, and an operator should know. */
async function giveUp(
  { client_id, sub }: ToTell,
  reason: string,
  { store, log, clock, settings }: Server,
): Promise<void> {
  log.warn("logout not told", { client_id, why: reason });
  const about = { actor: "client", sub, client_id, details: { reason } } as const;
  const kept = { now_ms: clock(), retention: settings.audit.retention };
  await store.appendAudit([auditEvent("logout_not_told", about, kept)]);
}
