/** A sign-in of this process: an issuer, a launcher of browsers, and a person who reads and types. */
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { machine } from "../../../src/sdk/client/terminal/surroundings.ts";
import type { TerminalOptions } from "../../../src/sdk/client/terminal/terminal.ts";
import { type IssuerOptions, startIssuer, type TestIssuer } from "../../../src/testing/testing.ts";
import { type Person, person } from "./person.ts";
import { APP, CLIENT, environment, stateHome } from "./scene.ts";

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
