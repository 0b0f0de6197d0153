/** A real terminal with a program in it, driven by tmux. */
import { spawnSync } from "node:child_process";
import type { TestContext } from "node:test";

export interface Terminal {
  /** What is on the screen and above it, with long lines in one piece. */
  screen(): string;
  /** Waits for it. */
  sees(text: RegExp): Promise<RegExpExecArray>;
  types(text: string): void;
  /** Keys by their names in tmux, such as `C-c` and `Enter`. */
  presses(...keys: string[]): void;
  /** The process of the program. */
  pid(): number;
}

let terminals = 0;

/** For tests that need one. */
export const WITHOUT_TMUX =
  spawnSync("tmux", ["-V"]).status === 0 ? false : "tmux is not installed (#14)";

/** Runs a command of the shell. After it, the screen has its exit status and the modes of the terminal. */
export function terminal(
  t: TestContext,
  command: string,
  { env, columns = 100 }: { env: Readonly<Record<string, string | undefined>>; columns?: number },
): Terminal {
  terminals += 1;
  const socket = `valetkey-${process.pid}-${terminals}`;
  const variables = { ...process.env, TERM: "screen", ...env };
  const tmux = (...args: string[]): string =>
    spawnSync("tmux", ["-L", socket, "-f", "/dev/null", ...args], {
      env: variables,
      encoding: "utf8",
    }).stdout;
  // Ctrl-C reaches the shell as well, which has to go on.
  const whole = `trap : INT; ${command}; echo "exit: $?"; stty -a | grep -Eo -- "-?(icanon|echo|isig)\\b" | tr "\\n" " "; echo "end"; sleep 600`;
  tmux("new-session", "-d", "-x", String(columns), "-y", "50", "sh", "-c", whole);
  t.after(() => tmux("kill-server"));
  const screen = (): string => tmux("capture-pane", "-p", "-J", "-S", "-500");
  return {
    screen,
    async sees(text) {
      for (let tries = 0; tries < 200; tries += 1) {
        const found = text.exec(screen());
        if (found) return found;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      throw new Error(`${text} is not on the screen:\n${screen()}`);
    },
    types: (text) => void tmux("send-keys", "-l", text),
    presses: (...keys) => void tmux("send-keys", ...keys),
    pid() {
      const shell = tmux("list-panes", "-F", "#{pane_pid}").trim();
      const { stdout } = spawnSync("ps", ["-o", "pid=", "--ppid", shell], { encoding: "utf8" });
      return Number(stdout.trim().split("\n")[0]);
    },
  };
}
