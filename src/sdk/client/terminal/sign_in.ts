/** A person signs in: one at a time for each account, and the session is kept before the browser says that it worked. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import type { Tokens } from "../../tokens.ts";
import { beginDevice, type DeviceRequest } from "../device_code.ts";
import { usualScope } from "../usual_scope.ts";
import { noWay, waysHere } from "./choose_way.ts";
import { deviceOptions, onDevice } from "./device.ts";
import { inBrowser } from "./in_browser.ts";
import { keep } from "./keep.ts";
import { takeLock } from "./lock.ts";
import type { App, TerminalOptions, Ui, Way } from "./options.ts";
import { type Session, whoIs } from "./session.ts";
import { type SigningIn, unlessStopped } from "./signing_in.ts";
import { makeFolder } from "./state_folder.ts";

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
    const ways = await unlessStopped(waysHere(app, options.ways), signal);
    const note = await unlessStopped(prepared(app, ui), signal);
    const scope = await unlessStopped(scopeFor(app, options), signal);
    const complete = (tokens: Tokens): Promise<Session> =>
      keep(app, tokens, { options, scope, signal });
    const signing = { app: app.app, party: app.party, options, scope, ui, signal, complete };
    const session = await by(ways, signing);
    ui.show(`Signed in to ${app.app} as ${whoIs(session)}.`);
    if (note !== null) ui.show(note);
    return session;
  } finally {
    lock.release();
  }
}

/** Milliseconds after which a person wonders. */
const SILENCE = 2000;

/** @returns what to tell the person when they are signed in */
async function prepared({ app, storage }: App, ui: Ui): Promise<string | null> {
  const timer = setTimeout(
    () => ui.show(`${app} waits for the keychain of this system …`),
    SILENCE,
  ).unref();
  let note: string | null = null;
  try {
    await storage.prepare((line) => {
      note = line;
    });
    return note;
  } finally {
    clearTimeout(timer);
  }
}

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
  const device = await unlessStopped(asked, signing.signal);
  if (device) return device;
  if (!hasBrowser) throw noWay("the provider gives this app no codes", signing.app);
  signing.ui.show("This provider gives this app no codes. Sign in by the browser instead:\n");
  return null;
}
