/** A sign-in of this process: an issuer, a launcher of browsers, and a person who reads and types. */
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { machine } from "../../../src/sdk/client/terminal/surroundings.ts";
import {
  type Session,
  signIn,
  type TerminalOptions,
} from "../../../src/sdk/client/terminal/terminal.ts";
import { type IssuerOptions, startIssuer, type TestIssuer } from "../../../src/testing/testing.ts";
import { demoBrowser } from "../../support/demo_browser.ts";
import { ADDRESS } from "./address.ts";
import { type Person, person } from "./person.ts";
import { APP, AT_A_DESK, CLIENT, environment, stateHome } from "./scene.ts";

export interface Scene {
  home: string;
  issuer: TestIssuer;
  ui: Person;
  options: TerminalOptions;
  /** Where the launcher puts what it was asked to open. */
  opened: string;
}

/** @param launcher of the browser: a script of the shell */
export async function scene(
  t: TestContext,
  env: Readonly<Record<string, string | undefined>>,
  given: IssuerOptions & { launcher?: string } = {},
): Promise<Scene> {
  const { launcher = 'printf "%s" "$1" > "$OPENED"', ...more } = given;
  const issuer = await startIssuer({ clients: [CLIENT], ...more });
  t.after(() => issuer.close());
  t.mock.method(machine, "isContainer", () => false);
  const home = stateHome();
  const [opened, BROWSER] = [join(home, "opened"), join(home, "launcher")];
  writeFileSync(BROWSER, `#!/bin/sh\n${launcher}\n`);
  chmodSync(BROWSER, 0o755);
  environment(t, { ...env, BROWSER, OPENED: opened, XDG_STATE_HOME: home });
  const ui = person();
  const options: TerminalOptions = {
    ...{ app: APP, issuer: issuer.issuer, clientId: "app", storage: "file", ui },
  };
  return { home, issuer, ui, options, opened };
}

/** Ada is the one who signs in unless Grace is meant, who does so by her address. */
const PEOPLE = ["ada", "grace"].map((name) => ({
  username: name === "ada" ? name : `${name}@example.com`,
  claims: { name, email: `${name}@example.com`, email_verified: true },
}));

export interface SignedIn extends Scene {
  /** Another sign-in. @param username of somebody who signs in though another one was meant */
  by(
    more?: Partial<TerminalOptions>,
    username?: string,
  ): Promise<{
    session: Session;
    /** Null: nobody was asked. */
    address: string | null;
    /** What the browser showed at the end. */
    page: string;
    ui: Person;
  }>;
}

/** Ada has signed in at her desk. */
export async function signedIn(t: TestContext): Promise<SignedIn> {
  const all = await scene(t, AT_A_DESK, { users: PEOPLE });
  const by: SignedIn["by"] = async (more = {}, username) => {
    const ui = person();
    const signing = signIn({ ...all.options, ui, ...more });
    const asked = ui.sees(ADDRESS).then(([, address = ""]) => address);
    asked.catch(() => {});
    const first = await Promise.race([signing, asked]);
    if (typeof first !== "string") return { session: first, address: null, page: "", ui };
    // It may be refused before the page is there.
    signing.catch(() => {});
    const visited = new URL(first);
    if (username !== undefined) visited.searchParams.set("login_hint", username);
    const { text } = await demoBrowser().get(visited.href);
    const session = await signing.catch((error) => {
      throw Object.assign(error, { page: text });
    });
    return { session, address: first, page: text, ui };
  };
  await by();
  return { ...all, by };
}
