/** A command-line tool in a real terminal, and an issuer. */
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { TerminalOptions } from "../../../src/sdk/client/terminal/terminal.ts";
import { type IssuerOptions, startIssuer } from "../../../src/testing/testing.ts";
import { AT_A_DESK, CLIENT, stateHome } from "./scene.ts";
import { type Terminal, terminal } from "./tmux.ts";

const COMMAND = `"${process.execPath}" --conditions=valetkey-source test/sdk/terminal/snaps.ts`;
/** As it was before: lines, echo, and Ctrl-C as a signal. */
export const RESTORED = /^isig icanon echo end$/m;

export interface Given extends Omit<Partial<TerminalOptions>, "env"> {
  env?: Readonly<Record<string, string | undefined>>;
  people?: IssuerOptions["people"];
  columns?: number;
  /** The file that stdout goes to. */
  stdout?: string;
}

export async function scene(t: TestContext, { env = AT_A_DESK, people, ...more }: Given = {}) {
  const issuer = await startIssuer({ clients: [CLIENT], ...(people && { people }) });
  t.after(() => issuer.close());
  const home = stateHome();
  const launcher = join(home, "launcher");
  // It says that it has opened a browser.
  writeFileSync(launcher, "#!/bin/sh\nexit 0\n");
  chmodSync(launcher, 0o755);
  const open = ({ columns = 100, stdout, ...options }: Given = {}): Terminal => {
    const all = { issuer: issuer.issuer, clientId: "app", storage: "file", ...more, ...options };
    const variables = { SNAPS_OPTIONS: JSON.stringify(all), BROWSER: launcher };
    const command = stdout === undefined ? COMMAND : `${COMMAND} > "${stdout}"`;
    return terminal(t, command, {
      env: { ...env, ...variables, XDG_STATE_HOME: home },
      columns,
    });
  };
  return { issuer, home, open };
}
