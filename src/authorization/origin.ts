/** Where a transaction began decides how it is answered: in a redirect, or at a device that polls. */
import type { Context } from "../context.ts";
import type { HttpRequest, HttpResponse } from "../http/message.ts";
import type { OAuthError } from "../oauth/errors.ts";
import type { ConsentRedirect } from "../pages/consent.ts";
import type { ClientRecord, CodeRecord, GrantRecord } from "../store/records.ts";
import type { Transaction } from "./transaction.ts";

export interface AnswerTo {
  tx: Transaction;
  client: ClientRecord;
  request: HttpRequest;
  ctx: Context;
}

export interface Origin {
  /** For the app's identity on pages; null: the answer goes to no address. */
  readonly redirect_uri: string | null;
  /** How the consent page says where the answer goes. */
  shown(request: HttpRequest): ConsentRedirect;
  /** Whether any program on the person's computer could take the answer. */
  readonly on_this_computer: boolean;
  /** Kept with the grant. Null: no code leads to it. */
  readonly code: CodeRecord | null;
  /** Whether the grant may end with the session in which it was approved. */
  readonly ends_with_session: boolean;
  /** Until when the first tokens have to be fetched, in seconds since the epoch. */
  redeemableUntil(ctx: Context): number;
  /**
   * Makes the request this person's, before they are asked.
   * @param previous the account of this browser that it was shown to before
   * @returns false when it is somebody else's by now, or over
   */
  claim(sub: string, previous: string | null, ctx: Context): Promise<boolean>;
  /** Time has passed since the request was checked. @throws PageError when the client no longer allows it */
  checkStillAllowed(client: ClientRecord): void;
  /** The person agreed. */
  respond(grant: GrantRecord, to: AnswerTo): Promise<HttpResponse>;
  /** The person refused, or something is in the way that the client has to hear of. */
  refuse(error: OAuthError, to: AnswerTo): Promise<HttpResponse>;
}
