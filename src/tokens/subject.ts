/**
 * The subjects and session ids that a client sees (OpenID Connect Core §8). Inside the server everything goes by grant
 * and by the person's own `sub`: these values are computed when they are sent, and compared when they come back.
 */
import type { Context } from "../context.ts";
import { hmacSha256 } from "../crypto/hash.ts";
import { isPairwise, pairwiseSubject } from "../oauth/subject_type.ts";
import type { ClientRecord } from "../store/records.ts";

type Sectored = Pick<ClientRecord, "client_id" | "sector" | "metadata">;
type Salted = Pick<Context, "subject_salt">;

/**
 * The `sub` of a person at this client: the person's own, or for a pairwise client one that clients of other sectors
 * can't link to theirs. Subjects have 256 bits, so no two people share one. No client id has this form
 * (clients/create_client.ts), so that no person's `sub` can pass for a client.
 */
export const subjectFor = (client: Sectored, sub: string, ctx: Salted): string =>
  isPairwise(client.metadata) ? pairwiseSubject(derived("sub", client, sub, ctx)) : sub;

/**
 * The `sid` of a session at this client. Clients of other sectors can't link it to theirs, and it does not reveal the
 * place of the session's rows.
 */
export const sidFor = (client: Sectored, session_id: string, ctx: Salted): string =>
  derived("sid", client, session_id, ctx);

/** The parts are JSON, so that no two lists of them have the same text. */
const derived = (kind: "sub" | "sid", client: Sectored, of: string, ctx: Salted): string =>
  hmacSha256(ctx.subject_salt.value(), JSON.stringify([kind, ...sectorOf(client), of])).toString(
    "base64url",
  );

const sectorOf = ({ client_id, sector }: Sectored): [string, string] =>
  sector === null ? ["client", client_id] : ["host", sector];
