/**
 * `state` of a sign-in (RFC 6749 §10.12): everything about it, sealed, so that the app stores nothing. Tabs can't
 * overwrite each other's, and nothing piles up.
 */
import { isJsonObject } from "../../../oauth/json.ts";
import { randomId } from "../../random_id.ts";
import type { Secrets } from "../authorization_code.ts";
import { type Seals, shortHash } from "./seal.ts";
import { seconds } from "./session.ts";

/** Parts of a login that the callback needs, or a second attempt. */
export interface Asked {
  prompt?: string;
  scope?: string;
  acr?: string[];
  maxAge?: number;
  params?: Record<string, string>;
}

export interface FlowState {
  /** Also the id of the session that it begins. */
  id: string;
  /** When it began, in seconds. */
  at: number;
  /** As in `providers`; left out for `issuer`. */
  by?: string;
  /** Return path; left out: `/`. */
  to?: string;
  /** Hash of the cookie of the browser. */
  browser: string;
  asked?: Asked;
  /** It is the second attempt already. */
  again?: true;
  /** It began because a page failed for want of it. */
  recovers?: true;
}

/** Seconds for which a person may take to sign in at the provider. */
const LIFETIME = 3600;

export interface Begun {
  state: FlowState;
  secrets: Secrets;
}

/** @param browser the cookie */
export async function beginState(
  seals: Seals,
  browser: string,
  rest: Omit<FlowState, "id" | "at" | "browser">,
): Promise<Begun> {
  const state = { id: randomId(), at: seconds(), browser: await shortHash(browser), ...rest };
  const sealed = await seals.seal("state", state);
  return { state, secrets: await secretsOf(seals, { sealed, id: state.id, secret: 0 }, browser) };
}

/** @returns null when this app has not made it, or when this browser did not begin it: `isMine` is false then */
export async function openState(
  seals: Seals,
  sealed: string,
  browser: string,
): Promise<(Begun & { isMine: boolean }) | null> {
  const opened = await seals.open("state", sealed);
  if (!opened || !isFlowState(opened.value)) return null;
  const state = opened.value;
  const secrets = await secretsOf(seals, { ...opened, sealed, id: state.id }, browser);
  return { state, secrets, isMine: (await shortHash(browser)) === state.browser };
}

export const isExpired = ({ at }: FlowState): boolean => seconds() - at > LIFETIME;

/** Verifier and nonce follow from sign-in and browser: a callback in another browser has neither. */
async function secretsOf(
  seals: Seals,
  { sealed, id, secret }: { sealed: string; id: string; secret: number },
  browser: string,
): Promise<Secrets> {
  return {
    state: sealed,
    nonce: await seals.derive(secret, `nonce ${id} ${browser}`),
    codeVerifier: await seals.derive(secret, `verifier ${id} ${browser}`),
  };
}

const isFlowState = (value: unknown): value is FlowState =>
  isJsonObject(value) && typeof value.id === "string" && typeof value.at === "number";
