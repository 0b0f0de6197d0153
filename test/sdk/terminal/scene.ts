/** What the tests of terminal sessions share: a state folder, and a session in it. */
import { mkdtempSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, type TestContext } from "node:test";
import type { Keychain } from "../../../src/sdk/client/terminal/keychain.ts";
import { fileStorage } from "../../../src/sdk/client/terminal/storage.ts";
import type { Secrets, Stored } from "../../../src/sdk/client/terminal/stored.ts";
import type { TestClient } from "../../../src/testing/testing.ts";

/** A state folder of its own, removed after the tests. */
export function stateHome(): string {
  const folder = mkdtempSync(join(tmpdir(), "valetkey-state-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export const APP = "snaps";
export const folderOf = (home: string): string => join(home, APP);
export const fileOf = (home: string): string => join(folderOf(home), "sessions.json");

export function storageIn(home: string, keychain: Keychain | null = null) {
  return fileStorage({ app: APP, folder: folderOf(home), keychain });
}

/** A session of Ada that has to be refreshed. */
export function stored(issuer: string, refresh_token: string, more: Partial<Secrets> = {}): Stored {
  return {
    ...{ name: `${issuer} app ada`, rev: 0, sub: "1", scope: "openid offline_access" },
    secrets: {
      ...{ refresh_token, tokens: {}, acr: null, auth_time: null, key: null },
      user: { id: "1", issuer, name: "Ada Lovelace", emailVerified: false, raw: null },
      ...more,
    },
  };
}

/** A client as `valetkey client add --native` registers it. */
export const CLIENT: TestClient = {
  ...{ client_id: "app", client_name: "Snaps", token_endpoint_auth_method: "none" },
  application_type: "native",
  redirect_uris: ["http://127.0.0.1/callback"],
  grant_types: [
    ...["authorization_code", "refresh_token"],
    "urn:ietf:params:oauth:grant-type:device_code",
  ],
};

/** Sets variables of this process until the end of the test. Undefined: unset. */
export function environment(t: TestContext, env: Record<string, string | undefined>): void {
  const set = (name: string, value: string | undefined): void => {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  };
  for (const [name, value] of Object.entries(env)) {
    const before = process.env[name];
    set(name, value);
    t.after(() => set(name, before));
  }
}

/** A disk on which nothing more can be written, for this process. @param home has the folder of an app */
export async function fullDisk(t: TestContext, home: string): Promise<{ restore(): void }> {
  const full = Object.assign(new Error("ENOSPC: no space left on device, write"), {
    code: "ENOSPC",
  });
  // The class of open files, which Node does not export.
  const path = join(folderOf(home), "any");
  const file = await open(path, "w");
  const FileHandle: { write: () => unknown } = Object.getPrototypeOf(file);
  await file.close();
  rmSync(path);
  const { mock } = t.mock.method(FileHandle, "write", () => Promise.reject(full));
  return mock;
}

/** Waits for something, for half a minute. @throws Error with the text */
export async function until(isSo: () => boolean, otherwise: string): Promise<void> {
  for (let tries = 0; !isSo(); tries += 1) {
    if (tries === 1500) throw new Error(otherwise);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A machine with a screen in front of a person, whatever this one is. */
export const AT_A_DESK: Readonly<Record<string, string | undefined>> = {
  ...{ DISPLAY: ":9", CI: undefined, CODESPACES: undefined, container: undefined },
  ...{ SSH_CONNECTION: undefined, SSH_CLIENT: undefined, SSH_TTY: undefined },
  ...{ KUBERNETES_SERVICE_HOST: undefined, REMOTE_CONTAINERS: undefined },
};
/** The same person on a machine far away. */
export const OVER_SSH: Readonly<Record<string, string | undefined>> = {
  ...AT_A_DESK,
  ...{ DISPLAY: undefined, WAYLAND_DISPLAY: undefined, SSH_CONNECTION: "192.0.2.1 1 192.0.2.2 22" },
};
