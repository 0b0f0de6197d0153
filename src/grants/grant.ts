/**
 * A grant type reads, judges and writes, in this order. It says what it needs, the token endpoint loads that, and it
 * decides without asking anybody. Adding one is one file and one line in the table of features.
 */
import type { Context } from "../context.ts";
import { isConfidential } from "../oauth/client_metadata.ts";
import type { Params } from "../oauth/params.ts";
import type { ClientRecord, GrantRecord } from "../store/records.ts";
import type { Decision } from "../tokens/authorization.ts";
import type { Facts } from "../tokens/facts.ts";
import type { Leak } from "../tokens/leak.ts";

/** The grant that a request names, and whether what it shows proves that. */
export interface Needed {
  grant_id: string;
  proves(grant: GrantRecord): boolean;
}

export interface Asking {
  params: Params;
  client: ClientRecord;
}

export interface Grant {
  /** As clients register it and requests name it. */
  readonly grant_type: string;
  /** Whether a person was asked before, so that a refresh token can come of it. */
  readonly asks_person: boolean;
  /** Whether it is for clients only that authenticate. */
  readonly confidential_only: boolean;
  /**
   * Null: it needs no grant of a person. A grant type whose requests name something else looks that up here.
   * @throws OAuthError for a request that can't name one
   */
  needs(asking: Asking, ctx: Context): Needed | null | Promise<Needed | null>;
  /**
   * Judges what was loaded, and writes nothing.
   * @param facts null when it needs none, or when there is none that was proven
   * @throws OAuthError
   */
  decide(asking: Asking, facts: Facts | null, ctx: Context): Decision | Leak;
}

/** Whether the client is registered for a grant type that this server offers. */
export const mayUse = (
  grant_type: string,
  { metadata }: ClientRecord,
  { accepted_metadata }: Context,
): boolean =>
  metadata.grant_types.includes(grant_type) && accepted_metadata.grant_types.includes(grant_type);

/** Whether a token is bound to more than its possession: then it is not rotated (FAPI 2.0 §5.3.2.1). */
export const isRotated = (client: ClientRecord): boolean => !isConfidential(client.metadata);

const A_DAY = 86_400;

/** A genuine refresh token, by its generation. */
interface Presented {
  generation: number;
  grant: GrantRecord;
  client: ClientRecord;
}

/**
 * Whether a refresh token that is not rotated was replaced all the same, since the secret that it was made under has
 * leaked. A client that proves itself and still shows it has not noticed: that is no theft.
 */
export const isOutdated = ({ generation, grant, client }: Presented): boolean =>
  !isRotated(client) && generation + 1 === grant.replaced_key?.below;

/**
 * Seconds in which a refresh token that was replaced gives its successor again. A client whose token is not rotated has
 * a day to notice that it has another one.
 */
export function replayWindow(
  presented: Presented,
  { settings }: Pick<Context, "settings">,
): number {
  const { refresh_replay } = settings.lifetimes;
  return isOutdated(presented) ? Math.max(refresh_replay, A_DAY) : refresh_replay;
}
