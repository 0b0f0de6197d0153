/** What a sign-in has given becomes a session that is kept, or nothing is left of it. */
import { AuthError } from "../../errors.ts";
import { claimsOf, type Tokens, type User } from "../../tokens.ts";
import { accessTokenOf } from "../access_token.ts";
import { user } from "../user.ts";
import { endGrant } from "./end_grant.ts";
import { hasLevel } from "./find_session.ts";
import type { App, TerminalOptions } from "./options.ts";
import { nameOf, type Session } from "./session.ts";
import type { Listed } from "./storage.ts";
import { providerIn, type Stored } from "./stored.ts";
import { prefixOf, storedSession } from "./stored_session.ts";

interface Asked {
  options: TerminalOptions;
  scope: string;
  signal: AbortSignal;
}

/**
 * Keeps the session, as the current one. A session that it replaces is ended at the provider.
 * @throws AuthError `wrong_account`, `step_up_needed`, `storage_busy`, and the reason of the signal. The grant is ended
 * then
 */
export async function keep(app: App, tokens: Tokens, asked: Asked): Promise<Session> {
  const { options, signal } = asked;
  let sub = "";
  try {
    const stored = await storedOf(app, tokens, asked);
    ({ sub } = stored);
    checkAccount(stored, options);
    if (!hasLevel(stored, options, SLACK)) throw tooWeak(stored);
    // An app that was told that it is over must not find a session afterwards.
    signal.throwIfAborted();
    const { added, replaced } = await written(app, stored);
    await Promise.all(replaced.map((each) => endGrant(app, each.sub, each.secrets.refresh_token)));
    return storedSession(app, added, options);
  } catch (error) {
    await endGrant(app, sub, tokens.refreshToken ?? tokens.accessToken);
    throw error;
  }
}

interface Written {
  added: Stored;
  /** Those that have not ended. */
  replaced: Stored[];
}

/** Once more if this process stood still meanwhile, and was taken for dead. */
async function written(app: App, stored: Stored): Promise<Written> {
  const done = (await tryToWrite(app, stored)) ?? (await tryToWrite(app, stored));
  if (done) return done;
  throw new AuthError("storage_busy", `the session of ${app.app} could not be kept`, {
    hint: "sign in again",
    retryable: true,
  });
}

const tryToWrite = ({ storage }: App, stored: Stored): Promise<Written | null> =>
  storage.change(async ({ read, add }) => {
    const all = await storage.list();
    const same = all.find(({ name }) => name === stored.name);
    const replaces = stored.is_named ? [] : all.filter((each) => isFormerName(each, stored));
    const names = replaces.map(({ name }) => name);
    // One that can't be read can't be ended either.
    const olds = await Promise.all(
      [stored.name, ...names].map((name) => read(name).catch(() => null)),
    );
    const added = await add({ ...stored, ...(same?.is_named && { is_named: true }) }, names);
    const replaced = olds.flatMap((old) => (old && old.ended_at === undefined ? [old] : []));
    return added && { added, replaced };
  });

/** The same person under another name, which other scopes have given: an e-mail address, and earlier an id. */
const isFormerName = ({ name, sub, is_named }: Listed, stored: Stored): boolean =>
  !is_named &&
  name !== stored.name &&
  sub !== "" &&
  sub === stored.sub &&
  providerIn(name) === providerIn(stored.name);

/** Seconds: what `maxAge: 0` leaves for the way back. */
const SLACK = 30;

const tooWeak = ({ secrets: { acr } }: Stored): AuthError =>
  new AuthError("step_up_needed", `the provider signed the person in at the level ${acr}`, {
    hint: "ask for a level (acr) and an age (maxAge) that it offers to this person",
  });

/**
 * Somebody who asks for an address means this person: the browser may have been signed in as another one. Any other name
 * is free.
 */
function checkAccount({ secrets }: Stored, { account }: TerminalOptions): void {
  const { email, username } = secrets.user ?? {};
  const known = [email, username].filter((each) => each?.includes("@"));
  if (!account?.includes("@") || known.length === 0) return;
  if (known.some((each) => each?.toLowerCase() === account.toLowerCase())) return;
  const who = secrets.user ? nameOf(secrets.user) : "";
  throw new AuthError("wrong_account", `${who} signed in, and ${account} was asked for`, {
    hint: `choose ${account} in the browser, or sign in without naming an account`,
  });
}

async function storedOf(
  app: App,
  tokens: Tokens,
  { options, scope }: Pick<Asked, "options" | "scope">,
): Promise<Stored> {
  const person = await personOf(app, tokens, scope);
  const { acr, auth_time } = tokens.idToken === undefined ? {} : claimsOf(tokens.idToken);
  const granted = tokens.scope.join(" ");
  const account = options.account ?? (person ? nameOf(person) : "default");
  return {
    ...{ name: prefixOf(app) + account, rev: 0, sub: person?.id ?? "", scope },
    ...(granted !== scope && { granted }),
    ...(options.account !== undefined && { is_named: true }),
    secrets: {
      user: person,
      refresh_token: tokens.refreshToken ?? null,
      tokens: { "": accessTokenOf(tokens) },
      acr: typeof acr === "string" ? acr : null,
      auth_time: typeof auth_time === "number" ? auth_time : null,
      key: null,
    },
  };
}

/** Without the scope `openid`, the provider does not say who it is. */
const personOf = async (app: App, tokens: Tokens, scope: string): Promise<User | null> =>
  scope.split(" ").includes("openid") ? user(app.party, tokens) : null;
