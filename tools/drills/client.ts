/** An honest client: it follows the specifications, and repeats unanswered requests. */
import { setTimeout as sleep } from "node:timers/promises";
import { type Answer, type Ask, Unanswered, type Wire } from "./ask.ts";
import { type Chain, described, type Ledger } from "./ledger.ts";
import { type App, REDIRECT_URI, type Seed } from "./seed.ts";

export const VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/** The drill is over, and there is still no answer. */
export class GaveUp extends Error {
  override readonly name = "GaveUp";
}

export interface Patience {
  /** Milliseconds between two attempts. */
  pause: number;
  gaveUp(): boolean;
}

export interface Insisted {
  answer: Answer;
  /** False: an earlier, unanswered attempt may have had an effect. */
  certain: boolean;
}

export type Insist = (ask: Ask) => Promise<Insisted>;

/** Repeats a request until it gets a conclusive answer. @throws GaveUp */
export function insisting(wire: Wire, ledger: Ledger, { pause, gaveUp }: Patience): Insist {
  return async (ask) => {
    let certain = true;
    for (;;) {
      const began = performance.now();
      const answer = await wire.ask(ask).catch((error: unknown) => {
        if (error instanceof Unanswered) return null;
        throw error;
      });
      ledger.most("longest_ms", performance.now() - began);
      if (answer && answer.status !== 503) {
        ledger.count("answers");
        return { answer, certain };
      }
      certain = false;
      ledger.count(answer ? "unavailable" : "unanswered");
      if (answer && answer.headers["retry-after"] === undefined)
        ledger.count("no_retry_after", described(answer));
      if (gaveUp()) throw new GaveUp();
      await sleep(pause);
    }
  };
}

export function authorizationAsk(app: App, cookie: string, scope: string): Ask {
  const query = new URLSearchParams({
    response_type: "code",
    client_id: app.client_id,
    redirect_uri: REDIRECT_URI,
    scope,
    state: "xyz",
    code_challenge: CHALLENGE,
    code_challenge_method: "S256",
  });
  return { path: `/authorize?${query}`, cookie };
}

/** Null: the answer holds no code. */
export function codeIn({ status, headers }: Answer): string | null {
  const { location = "" } = headers;
  if (![302, 303].includes(status) || !location.startsWith(REDIRECT_URI)) return null;
  return new URL(location).searchParams.get("code");
}

/** A request of the app, with its secret or its `client_id`. */
export function appAsk(app: App, path: string, form: Record<string, string>): Ask {
  const { authorization, client_id } = app;
  return authorization === null
    ? { path, form: { ...form, client_id } }
    : { path, form, authorization };
}

export const redeemAsk = (app: App, code: string): Ask =>
  appAsk(app, "/token", {
    grant_type: "authorization_code",
    code,
    code_verifier: VERIFIER,
    redirect_uri: REDIRECT_URI,
  });

export const refreshAsk = (app: App, refresh_token: string): Ask =>
  appAsk(app, "/token", { grant_type: "refresh_token", refresh_token });

export const revokeAsk = (app: App, token: string): Ask => appAsk(app, "/revoke", { token });

export const introspectAsk = ({ api }: Seed, token: string): Ask =>
  appAsk(api, "/introspect", { token });

export const serviceAsk = ({ service }: Seed): Ask =>
  appAsk(service, "/token", { grant_type: "client_credentials", scope: "photos.read" });

export interface Tokens {
  access_token: string;
  refresh_token: string;
}

/** @throws SyntaxError when it is no JSON */
export const tokensIn = ({ body }: Answer): Tokens => JSON.parse(body);

export const isActive = (answer: Answer): boolean =>
  answer.status === 200 && JSON.parse(answer.body).active === true;

export interface Begin {
  app: App;
  cookie: string;
  scope?: string;
}

/** Gets tokens with a session. Null: an answer that was lost has used the code up, so the app has to begin again. */
export async function beginChain(
  { app, cookie, scope = "openid photos.read" }: Begin,
  insist: Insist,
  ledger: Ledger,
): Promise<Chain | null> {
  const authorized = await insist(authorizationAsk(app, cookie, scope));
  const code = codeIn(authorized.answer);
  if (code === null) {
    ledger.count("unexpected", `authorize: ${described(authorized.answer)}`);
    return null;
  }
  const { answer, certain } = await insist(redeemAsk(app, code));
  if (answer.status === 200) {
    ledger.count("codes_redeemed");
    const { access_token, refresh_token } = tokensIn(answer);
    const tokens = { access_token, refresh_token, older: [] };
    const chain: Chain = { app, code, ...tokens, revoked: "no", touched: true };
    ledger.chains.push(chain);
    return chain;
  }
  if (answer.status === 400 && !certain) ledger.count("codes_spent");
  else if (answer.body.includes("code has expired")) ledger.count("codes_expired");
  else ledger.count("unexpected", `redeem: ${described(answer)}`);
  return null;
}

/** @returns whether the chain goes on */
export async function refreshChain(chain: Chain, insist: Insist, ledger: Ledger): Promise<boolean> {
  const { answer, certain } = await insist(refreshAsk(chain.app, chain.refresh_token));
  if (answer.status !== 200) {
    ledger.count("lost_logins", `${certain ? "" : "asked again, "}${described(answer)}`);
    // The grant has ended, although nobody revoked it.
    chain.revoked = "asked";
    return false;
  }
  ledger.count("refreshes");
  const { access_token, refresh_token } = tokensIn(answer);
  if (refresh_token !== chain.refresh_token) chain.older.push(chain.refresh_token);
  Object.assign(chain, { access_token, refresh_token, touched: true });
  return true;
}

export async function revokeChain(chain: Chain, insist: Insist, ledger: Ledger): Promise<void> {
  chain.revoked = "asked";
  const { answer } = await insist(revokeAsk(chain.app, chain.refresh_token));
  if (answer.status !== 200) {
    ledger.count("unexpected", `revoke: ${described(answer)}`);
    return;
  }
  ledger.count("revocations");
  Object.assign(chain, { revoked: "yes", touched: true });
}
