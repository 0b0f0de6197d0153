/**
 * A grant type reads, judges and writes, in this order. It reads what a request shows, the token endpoint loads the grant
 * that this names, and it decides without asking anybody. Adding one is one file and one line in the table of features.
 */
import type { Context } from "../context.ts";
import { isConfidential } from "../oauth/client_metadata.ts";
import type { Params } from "../oauth/params.ts";
import type { ClientRecord, GrantRecord } from "../store/records.ts";
import type { Decision } from "../tokens/authorization.ts";
import type { Facts } from "../tokens/facts.ts";
import type { Leak } from "../tokens/leak.ts";

/** What a request shows, read once and not yet proven. */
export interface Shown {
  /** The grant of a person that it names; null: it needs none. */
  readonly grant_id: string | null;
  /** Whether it is a key to this grant. */
  proves(grant: GrantRecord): boolean;
  /**
   * Judges what was loaded, and writes nothing.
   * @param facts null when it needs none, or when there is none that was proven
   * @throws OAuthError
   */
  decide(facts: Facts | null): Decision | Leak;
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
   * Reads what the request shows. A grant type whose requests name something else than a grant looks that up here.
   * @throws OAuthError for a request that names none
   */
  read(asking: Asking, ctx: Context): Shown | Promise<Shown>;
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
