/**
 * A grant type reads, judges and writes, in this order. It reads the request, the token endpoint loads the grant that
 * the request names, and the grant type decides synchronously. A new grant type is one file and one line in the table
 * of features.
 */
import type { Context } from "../context.ts";
import { isConfidential } from "../oauth/client_metadata.ts";
import type { Params } from "../oauth/params.ts";
import type { ClientRecord, GrantRecord } from "../store/records.ts";
import type { Decision } from "../tokens/authorization.ts";
import type { Facts } from "../tokens/facts.ts";
import type { Leak } from "../tokens/leak.ts";

/** The presented key of a request, read once and not yet verified. */
export interface PresentedKey {
  /** The grant of a person that the request names; null: it needs none. */
  readonly grant_id: string | null;
  /** Whether the request presents a key to this grant. */
  proves(grant: GrantRecord): boolean;
  /**
   * Judges the loaded facts, and writes nothing.
   * @param facts null when it needs none, or when no grant was verified
   * @throws OAuthError
   */
  decide(facts: Facts | null): Decision | Leak;
}

export interface Asking {
  params: Params;
  client: ClientRecord;
  /** The address that the request came from. */
  address: string;
}

export interface GrantType {
  /** As clients register it and requests name it. */
  readonly grant_type: string;
  /** Whether a person was asked before, so that it can yield a refresh token. */
  readonly asks_person: boolean;
  /** Whether only confidential clients may use it. */
  readonly confidential_only: boolean;
  /**
   * The parameter that holds a key of the grant. A client of a metadata document authenticates as that grant says. Null:
   * such clients can't use this grant type.
   */
  readonly grant_in: "code" | "refresh_token" | null;
  /**
   * Reads the request. A grant type whose requests name something other than a grant looks that up here.
   * @throws OAuthError for a request that names no grant
   */
  read(asking: Asking, ctx: Context): PresentedKey | Promise<PresentedKey>;
}

/** Whether the client is registered for a grant type that this server offers. */
export const mayUse = (
  grant_type: string,
  { metadata }: ClientRecord,
  { accepted_metadata }: Context,
): boolean =>
  metadata.grant_types.includes(grant_type) && accepted_metadata.grant_types.includes(grant_type);

/**
 * Whether refresh tokens of the client are rotated: not if they are bound to client authentication (FAPI 2.0 §5.3.2.1).
 */
export const isRotated = (client: ClientRecord): boolean => !isConfidential(client.metadata);

const A_DAY = 86_400;

/** A genuine refresh token, by its generation. */
interface Genuine {
  generation: number;
  grant: GrantRecord;
  client: ClientRecord;
}

/**
 * Whether a refresh token that is not rotated was replaced nevertheless, since its secret has leaked. An authenticated
 * client that still presents it has not noticed the replacement, which is no theft.
 */
export const isOutdated = ({ generation, grant, client }: Genuine): boolean =>
  !isRotated(client) && generation + 1 === grant.replaced_key?.below;

/**
 * Seconds in which a replaced refresh token yields its successor again. A client without rotation has a day to notice
 * that its token was replaced.
 */
export function replayWindow(genuine: Genuine, { settings }: Pick<Context, "settings">): number {
  const { refresh_replay } = settings.lifetimes;
  return isOutdated(genuine) ? Math.max(refresh_replay, A_DAY) : refresh_replay;
}
