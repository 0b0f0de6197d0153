/** The origin of a transaction decides how it is answered: in a redirect, or at a device that polls. */
import type { Context } from "../context.ts";
import type { HttpRequest, HttpResponse } from "../http/message.ts";
import type { OAuthError } from "../oauth/errors.ts";
import { type Permission, scopesOf } from "../oauth/permission.ts";
import type { ConsentRedirect } from "../pages/consent.ts";
import type { ClientRecord, CodeRecord, GrantRecord } from "../store/records.ts";
import type { Transaction } from "./transaction.ts";

export interface AnswerTo {
  tx: Transaction;
  client: ClientRecord;
  request: HttpRequest;
  ctx: Context;
}

/**
 * Whether access ends with the session in which the person agreed to it. It does, unless they agreed to access while they
 * are away (OpenID Connect Core §11), or it is no sign-in.
 */
export function endsWithSession(
  { ends_with_session }: Pick<Origin, "ends_with_session">,
  permissions: readonly Permission[],
): boolean {
  const scope = scopesOf(permissions);
  const lasting = !scope.includes("openid") || scope.includes("offline_access");
  return ends_with_session === "always" || (ends_with_session === "usually" && !lasting);
}

export interface Origin {
  /** For the app's identity on pages; null: the answer goes to no address. */
  readonly redirect_uri: string | null;
  /** The target of the answer, for the consent page. */
  shown(request: HttpRequest): ConsentRedirect;
  /** Whether any program on the person's computer could take the answer. */
  readonly on_this_computer: boolean;
  /** The code record of the grant. Null: the grant has no code. */
  readonly code: CodeRecord | null;
  /** Whether the client fetches tokens at the token endpoint, a refresh token among them. */
  readonly fetches_tokens: boolean;
  /** Whether the grant ends with the session in which it was approved; `usually`: unless lasting access was agreed to. */
  readonly ends_with_session: "always" | "usually" | "never";
  /** End of the time to fetch the first tokens, in seconds since the epoch. */
  redeemableUntil(ctx: Context): number;
  /**
   * Assigns the request to this person, before they are asked.
   * @param previous the account of this browser that it was shown to before
   * @returns false when it belongs to another person by now, or has ended
   */
  claim(sub: string, previous: string | null, ctx: Context): Promise<boolean>;
  /** Checks the request again, since time has passed. @throws PageError when the client no longer allows it */
  checkStillAllowed(client: ClientRecord): void;
  /** The person agreed. */
  respond(grant: GrantRecord, to: AnswerTo): Promise<HttpResponse>;
  /** The person refused, or an error occurred that the client has to learn of. */
  refuse(error: OAuthError, to: AnswerTo): Promise<HttpResponse>;
}
