/** An account with an authenticator app and recovery codes, for tests that begin there. */
import { newRecoveryCodes } from "../../src/factors/recovery_codes.ts";
import { newTotpSecret, totpCode } from "../../src/factors/totp.ts";
import { sealTotpSecret } from "../../src/factors/totp_secret.ts";
import type { Page, TestBrowser } from "./browser.ts";
import type { TestServer } from "./server.ts";

export interface AppCodes {
  totp_id: string;
  /** The present code. */
  code(): string;
  recovery: readonly string[];
}

/** @param since when the app was added, in seconds since the epoch */
export async function addAppCodes(
  server: TestServer,
  sub: string,
  since = server.now() - 90,
): Promise<AppCodes> {
  const { store, secrets } = server.server;
  const { version } = await store.loadFactors(sub);
  const totp_id = `totp-of-${sub}`;
  const secret = newTotpSecret();
  const totp = {
    ...{ totp_id, sub, name: "Pixel", last_step: 0, created_at: since, used_at: null },
    ...sealTotpSecret(secret, { sub, totp_id }, secrets),
  };
  const { codes, records } = await newRecoveryCodes(since);
  const change = { add_totps: [totp], recovery_codes: records };
  if (!(await store.changeFactors({ sub, version }, change))) throw new Error("factors changed");
  return { totp_id, recovery: codes, code: () => totpCode(secret, Math.floor(server.now() / 30)) };
}

const form = (way: string) => ({ action: "", having: { way } });
export const sendCode = (browser: TestBrowser, page: Page, code: string): Promise<Page> =>
  browser.submit(page, { code }, form("totp"));
export async function sendRecoveryCode(
  browser: TestBrowser,
  page: Page,
  code: string,
): Promise<Page> {
  const address = new URL(page.url);
  address.searchParams.set("use", "recovery");
  return browser.submit(await browser.get(address.href), { code }, form("recovery"));
}
