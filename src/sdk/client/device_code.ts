/** A person answers on another device, by a code that they type there (RFC 8628). */
import { isJsonObject } from "../../oauth/json.ts";
import { AuthError } from "../errors.ts";
import { readJson } from "../fetch.ts";
import { isSecure } from "../metadata.ts";
import type { Tokens } from "../tokens.ts";
import { explained } from "./explained.ts";
import type { Party } from "./party.ts";
import { postForm } from "./post_form.ts";
import { refusalOf } from "./refusal.ts";
import { ask, type TokenRequest, tokensFrom } from "./token_request.ts";

export interface DeviceOptions {
  /** Scopes, separated by spaces. */
  scope: string;
  /** URI of the API that the access token is for (RFC 8707). */
  resource?: string;
  /** Further parameters. */
  params?: Record<string, string>;
}

/** A request that waits for a person (RFC 8628 §3.2). */
export interface DeviceRequest {
  /** A secret of this sign-in. */
  device_code: string;
  /** For the person. */
  user_code: string;
  verification_uri: string;
  /** The same with the code in it, where the provider has one. */
  verification_uri_complete?: string;
  /** Seconds. */
  expires_in: number;
  interval: number;
  scope: string;
}

export const hasDevices = async (party: Party): Promise<boolean> =>
  (await party.server()).device_authorization_endpoint !== undefined;

/** The provider, or this client, has no such flow (RFC 6749 §5.2). */
const NO_CODES: ReadonlySet<unknown> = new Set(["unauthorized_client", "unsupported_grant_type"]);

/**
 * @returns null when the provider has no such flow, or this client may not use it
 * @throws AuthError
 */
export async function beginDevice(
  party: Party,
  options: DeviceOptions,
): Promise<DeviceRequest | null> {
  const { scope, resource, params } = options;
  return explained(party, async () => {
    const server = await party.server();
    if (server.device_authorization_endpoint === undefined) return null;
    const response = await postForm(party, server.device_authorization_endpoint, {
      ...{ ...params, scope, ...(resource !== undefined && { resource }) },
    });
    const body = await readJson(response);
    const request = read(body);
    if (request && response.ok) return { ...request, scope };
    const { status } = response;
    if (isJsonObject(body) && NO_CODES.has(body.error)) return null;
    throw refusalOf({ body, status }, { party, asked: "device", secrets: [party.secret] });
  });
}

/** @returns null for an answer that lacks something */
function read(body: unknown): Omit<DeviceRequest, "scope"> | null {
  if (!isJsonObject(body)) return null;
  const { device_code, user_code, expires_in, interval = 5, verification_uri_complete } = body;
  // Google's name for it.
  const verification_uri = body.verification_uri ?? body.verification_url;
  if (typeof device_code !== "string" || typeof user_code !== "string") return null;
  if (!isPage(verification_uri) || typeof expires_in !== "number") return null;
  return {
    ...{ device_code, verification_uri, expires_in },
    user_code: visible(user_code),
    interval: typeof interval === "number" && interval > 0 ? interval : 5,
    ...(isPage(verification_uri_complete) && { verification_uri_complete }),
  };
}

/** People open it: no other scheme, and nothing that a terminal would take for a command. */
const isPage = (value: unknown): value is string => {
  const url = typeof value === "string" ? URL.parse(value) : null;
  return url !== null && isSecure(url) && !/\p{Cc}/u.test(String(value));
};

const visible = (text: string): string => text.replaceAll(/\p{Cc}/gu, "").slice(0, 100);

/** The clocks of some virtual machines run fast: a poll that comes early is refused. */
const MARGIN = 1;
/** Added by `slow_down` (§3.5). */
const SLOWER = 5;

/**
 * Waits for the person. Failures of the network are forgiven until the request expires.
 * @throws AuthError `login_expired`, `access_denied`, `cancelled` by the signal
 */
export async function pollDevice(
  party: Party,
  device: DeviceRequest,
  signal: AbortSignal,
): Promise<Tokens> {
  const end = performance.now() + device.expires_in * 1000;
  let seconds = device.interval + MARGIN;
  const request = tokenRequest(device);
  for (;;) {
    await pause(seconds, signal);
    if (performance.now() >= end) throw expired("the code was not entered in time");
    const answer = await explained(party, () => ask(party, request)).catch((error) => {
      if (error instanceof AuthError && error.retryable) return null;
      throw error;
    });
    const error = isJsonObject(answer?.body) ? answer.body.error : undefined;
    if (error === "slow_down") seconds += SLOWER;
    const isWaiting = error === "slow_down" || error === "authorization_pending";
    const isDown = !answer || answer.status >= 500 || (answer.status === 429 && !isWaiting);
    if (!isDown && TOO_LATE.has(error)) throw expired(`${party.issuer} answered ${error}`);
    if (!isWaiting && !isDown) return explained(party, () => tokensFrom(party, request, answer));
  }
}

const tokenRequest = ({ device_code, scope }: DeviceRequest): TokenRequest => ({
  asked: "device",
  secrets: [device_code],
  idToken: scope.split(" ").includes("openid"),
  expected: {},
  scope,
  grant: "urn:ietf:params:oauth:grant-type:device_code",
  parameters: { device_code },
});

/** The request is no longer known, or soon will not be (§3.5). */
const TOO_LATE: ReadonlySet<unknown> = new Set(["expired_token", "invalid_grant"]);

const expired = (what: string): AuthError =>
  new AuthError("login_expired", what, {
    hint: "let the person sign in again: the code has to be entered in time",
  });

function pause(seconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(
        new AuthError("cancelled", "the sign-in was stopped", {
          hint: "call again when it is wanted",
        }),
      );
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, seconds * 1000);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
}
