/** A person signs in: one at a time for each account, and the session is kept before the browser says that it worked. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { AuthError } from "../../errors.ts";
import { claimsOf, type Tokens, type User } from "../../tokens.ts";
import { accessTokenOf } from "../access_token.ts";
import { beginDevice, type DeviceRequest } from "../device_code.ts";
import { user } from "../user.ts";
import { usualScope } from "../usual_scope.ts";
import { waysHere } from "./choose_way.ts";
import { deviceOptions, onDevice } from "./device.ts";
import { hasLevel } from "./find_session.ts";
import { inBrowser } from "./in_browser.ts";
import { takeLock } from "./lock.ts";
import type { App, TerminalOptions, Ui, Way } from "./options.ts";
import type { Session } from "./session.ts";
import { type SigningIn, unlessStopped } from "./signing_in.ts";
import { makeFolder } from "./state_folder.ts";
import type { Stored } from "./stored.ts";
import { prefixOf, storedSession } from "./stored_session.ts";

export interface SigningInHere {
  options: TerminalOptions;
  ui: Ui;
  /** Ends the sign-in: its reason is the error. */
  signal: AbortSignal;
  /** The session of another process that has signed in meanwhile. */
  find(): Promise<Session | null>;
}

/** @throws AuthError */
export async function signInHere(app: App, given: SigningInHere): Promise<Session> {
  const { options, ui, signal, find } = given;
  const lock = await signInLock(app, given);
  try {
    const other = lock.hasWaited ? await find() : null;
    if (other) return other;
    const ways = await unlessStopped(waysHere(app.party, options.ways), signal);
    await unlessStopped(prepared(app, ui), signal);
    const scope = await unlessStopped(scopeFor(app, options), signal);
    const complete = async (tokens: Tokens): Promise<Session> => {
      const stored = await storedOf(app, tokens, { options, scope });
      if (!hasLevel(stored, options, SLACK)) throw tooWeak(stored);
      // An app that was told that it is over must not find a session afterwards.
      signal.throwIfAborted();
      return storedSession(app, await kept(app, stored), options);
    };
    const signing = { app: app.app, party: app.party, options, scope, ui, signal, complete };
    const session = await by(ways, signing);
    ui.show(`Signed in to ${app.app} as ${session.account}.`);
    return session;
  } finally {
    lock.release();
  }
}

/** Milliseconds after which a person wonders. */
const SILENCE = 2000;

async function prepared({ app, storage }: App, ui: Ui): Promise<void> {
  const timer = setTimeout(
    () => ui.show(`${app} waits for the keychain of this system …`),
    SILENCE,
  ).unref();
  try {
    await storage.prepare(ui.show);
  } finally {
    clearTimeout(timer);
  }
}

/** Once more if this process stood still meanwhile, and was taken for dead. */
async function kept({ app, storage }: App, stored: Stored): Promise<Stored> {
  const add = () => storage.change((writing) => writing.add(stored));
  const added = (await add()) ?? (await add());
  if (added) return added;
  throw new AuthError("storage_busy", `the session of ${app} could not be kept`, {
    hint: "sign in again",
    retryable: true,
  });
}

/** Seconds: what `maxAge: 0` leaves for the way back. */
const SLACK = 30;

const tooWeak = ({ secrets: { acr } }: Stored): AuthError =>
  new AuthError("step_up_needed", `the provider signed the person in at the level ${acr}`, {
    hint: "ask for a level (acr) and an age (maxAge) that it offers to this person",
  });

/** One sign-in for each account: a second one would only be in the way of the first. */
async function signInLock(
  { app, folder }: App,
  { options, ui, signal }: SigningInHere,
): Promise<{ hasWaited: boolean; release(): void }> {
  if (options.storage === "memory") return { hasWaited: false, release() {} };
  let hasWaited = false;
  makeFolder(folder);
  const account = createHash("sha256").update(options.account ?? "");
  const path = join(folder, `sign-in-${account.digest("hex").slice(0, 16)}.lock`);
  const lock = await takeLock(path, {
    patience: Number.POSITIVE_INFINITY,
    signal,
    onWait() {
      hasWaited = true;
      ui.show(`Another ${app} is signing in. Waiting for it …`);
    },
  }).catch((error) => {
    signal.throwIfAborted();
    throw error;
  });
  return { hasWaited, release: lock.release };
}

const scopeFor = async ({ party }: App, { scope }: TerminalOptions): Promise<string> =>
  scope ?? usualScope(party);

/** By the first way that works here, until the person prefers another one. */
async function by(ways: readonly Way[], signing: SigningIn): Promise<Session> {
  const opens = ways.includes("loopback");
  const hasBrowser = opens || ways.includes("paste");
  let hasDevice = ways.includes("device");
  let device = ways[0] === "device" ? await firstCode(signing, hasBrowser) : null;
  // Refused once, refused again.
  if (ways[0] === "device" && device === null) hasDevice = false;
  for (;;) {
    const ended = device
      ? await onDevice(signing, device, { hasBrowser })
      : await inBrowser(signing, { opens, hasDevice });
    if (ended !== null && !("device_code" in ended)) return ended;
    device = ended;
  }
}

/** @returns null when the provider gives none, and there is another way */
async function firstCode(signing: SigningIn, hasBrowser: boolean): Promise<DeviceRequest | null> {
  const asked = beginDevice(signing.party, deviceOptions(signing));
  return unlessStopped(asked, signing.signal).catch((error) => {
    signing.signal.throwIfAborted();
    const isRefused = error instanceof AuthError && !error.retryable;
    if (!isRefused || !hasBrowser) throw error;
    signing.ui.show(`No code: ${error.message}`);
    return null;
  });
}

async function storedOf(
  app: App,
  tokens: Tokens,
  { options, scope }: { options: TerminalOptions; scope: string },
): Promise<Stored> {
  const person = await personOf(app, tokens, scope);
  const { acr, auth_time } = tokens.idToken === undefined ? {} : claimsOf(tokens.idToken);
  const named = person?.email ?? person?.username ?? person?.id ?? "default";
  // What a provider says must be no command of the terminal.
  const account = options.account ?? named.replaceAll(/\p{Cc}/gu, "");
  return {
    ...{ name: prefixOf(app) + account, rev: 0, sub: person?.id ?? "", scope },
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
