/**
 * A sign-in in the browser: on this machine, where it comes back by itself (loopback), or elsewhere, and the person
 * pastes the address at which it ended (paste). Either way counts, whichever comes first.
 */
import { AuthError } from "../../errors.ts";
import { type Begun, begin, finish } from "../authorization_code.ts";
import { beginDevice, type DeviceRequest } from "../device_code.ts";
import { deviceOptions } from "./device.ts";
import { forPerson } from "./for_person.ts";
import { listen } from "./loopback.ts";
import { openBrowser } from "./open_browser.ts";
import type { Page } from "./page.ts";
import { type Session, whoIs } from "./session.ts";
import { type SigningIn, stopped, unlessStopped } from "./signing_in.ts";

export interface InBrowserOptions {
  /** Open the browser of this machine. */
  opens: boolean;
  /** The person may go on with a code. */
  hasDevice: boolean;
}

/** @returns a device request when the person prefers a code. @throws AuthError */
export async function inBrowser(
  signing: SigningIn,
  { opens, hasDevice }: InBrowserOptions,
): Promise<Session | DeviceRequest> {
  const { options, ui, signal } = signing;
  const over = new AbortController();
  const asking = AbortSignal.any([signal, over.signal]);
  const { promise: done, resolve, reject } = Promise.withResolvers<Session>();
  let begun: Begun | null = null;
  const accept = accepting(signing, () => begun);
  const loopback = await listen(options.ports ?? [0], async (callback) => {
    const outcome = await accept(callback).catch((error) => {
      reject(error);
      throw error;
    });
    if (outcome === null) return null;
    // The page first: the process may end as soon as the sign-in has.
    const sent = (): void => (outcome instanceof AuthError ? reject(outcome) : resolve(outcome));
    return { page: pageOf(signing.app, outcome), sent };
  });
  try {
    const { redirectUri } = loopback;
    const beginning = begin(signing.party, { ...beginOptions(signing), redirectUri });
    begun = await unlessStopped(beginning, signal);
    // Shown first: a launcher may say that it has opened a browser, and be wrong.
    ui.show(
      `To sign in to ${signing.app}, open this address${opens ? " (a browser should open)" : ""}:\n`,
    );
    ui.show(`  ${begun.url.href}\n`);
    if (opens) openBrowser(begun.url.href);
    const typed = typing(signing, { accept, redirectUri, hasDevice, signal: asking });
    return await Promise.race([done, typed, stopped(signal)]);
  } finally {
    over.abort();
    loopback.close();
  }
}

function beginOptions({ options, scope }: SigningIn) {
  const { resource, account, acr, maxAge, params } = options;
  return {
    scope,
    // A refresh token that lasts takes the person's consent (OpenID Connect Core §11).
    ...(scope.split(" ").includes("offline_access") && { prompt: "consent" }),
    ...(account?.includes("@") && { loginHint: account }),
    ...(resource !== undefined && { resource }),
    ...(acr !== undefined && { acr }),
    ...(maxAge !== undefined && { maxAge }),
    ...(params !== undefined && { params }),
  };
}

type Outcome = Session | AuthError | null;
type Accept = (callback: URL) => Promise<Outcome>;

/**
 * Ends the sign-in with a callback, wherever it comes from.
 * @returns null for a callback of another sign-in, after which this one goes on
 */
function accepting(signing: SigningIn, begunOf: () => Begun | null): Accept {
  let running: Promise<Session | AuthError> | null = null;
  return async (callback) => {
    const begun = begunOf();
    if (!begun || callback.searchParams.get("state") !== begun.state) return null;
    // Some browsers ask twice for one address.
    running ??= finish(signing.party, callback, begun)
      .then(signing.complete)
      .catch((error) => {
        if (error instanceof AuthError) return forPerson(signing.app, error);
        throw error;
      });
    return running;
  };
}

interface Typing {
  accept: Accept;
  redirectUri: string;
  hasDevice: boolean;
  signal: AbortSignal;
}

/** What the person types meanwhile. */
async function typing(
  signing: SigningIn,
  { accept, redirectUri, hasDevice, signal }: Typing,
): Promise<Session | DeviceRequest> {
  const { ui, party } = signing;
  const code = hasDevice ? ', or type "d" for a code' : "";
  // A provider shows some errors on a page of its own, and sends nothing back.
  ui.show("If the page shows an error, press Ctrl-C.\n");
  const question = `If the browser ends at a page that does not load, paste its address here${code}: `;
  for (;;) {
    const line = (await ui.ask(question, signal)).trim();
    if (hasDevice && line.toLowerCase() === "d") {
      const device = await beginDevice(party, deviceOptions(signing)).catch((error) => {
        if (!(error instanceof AuthError)) throw error;
        ui.show(`No code: ${error.message}`);
        return undefined;
      });
      if (device) return device;
      if (device === null) ui.show("This provider gives this app no codes.");
      continue;
    }
    if (line === "") continue;
    const callback = URL.parse(line);
    // A code that came to another address may have been seen there.
    if (callback === null || `${callback.origin}${callback.pathname}` !== redirectUri) {
      ui.show(`That is not the address: it begins with ${redirectUri}?`);
      continue;
    }
    const outcome = await accept(callback);
    if (outcome instanceof AuthError) throw outcome;
    if (outcome) return outcome;
    ui.show("That is the address of another sign-in: open the one above.");
  }
}

const pageOf = (app: string, outcome: Session | AuthError): Page =>
  outcome instanceof AuthError
    ? { title: `Not signed in to ${app}`, text: `${outcome.message}` }
    : {
        title: `Signed in to ${app}`,
        text: `You are ${whoIs(outcome)}. You can close this page and go back to the terminal.`,
      };
