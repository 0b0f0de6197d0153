/** The real command, in a process and a folder of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const MAIN = resolve("src/cli/main.ts");
export const PASSWORD = "correct horse battery";

export interface Result {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface Running {
  issuer: string;
  /** The output so far. */
  said: Result;
  stop(signal?: NodeJS.Signals): Promise<Result>;
}

interface Options {
  input?: string;
  env?: Record<string, string>;
}

export interface Workplace {
  folder: string;
  write(name: string, text: string, mode?: number): string;
  run(args: string[], options?: Options): Promise<Result>;
  /** Runs a command that must succeed, and parses the JSON that it prints. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into it
  json(args: string[], options?: Options): Promise<any>;
  /** `valetkey start` on a free port; resolves when it listens. */
  start(args?: string[], options?: Options): Promise<Running>;
  remove(): Promise<void>;
}

export function workplace(): Workplace {
  const folder = mkdtempSync(join(tmpdir(), "valetkey-cli-"));
  // Each command is a new process: a compile cache halves the time that the tests take.
  const cache = mkdtempSync(join(tmpdir(), "valetkey-compiled-"));
  const children = new Set<ChildProcess>();

  function begin(args: string[], { input = "", env = {} }: Options): [ChildProcess, Result] {
    const child = spawn(process.execPath, [MAIN, ...args], {
      cwd: folder,
      env: { PATH: process.env.PATH, HOME: folder, NODE_COMPILE_CACHE: cache, ...env },
      stdio: ["pipe", "pipe", "pipe"],
    });
    children.add(child);
    const said: Result = { code: null, stdout: "", stderr: "" };
    child.stdout.on("data", (text) => (said.stdout += text));
    child.stderr.on("data", (text) => (said.stderr += text));
    child.stdin.on("error", () => {});
    child.stdin.end(input);
    return [child, said];
  }

  async function ended(child: ChildProcess, said: Result): Promise<Result> {
    if (child.exitCode === null && child.signalCode === null) await once(child, "close");
    children.delete(child);
    return { ...said, code: child.exitCode };
  }

  const place: Workplace = {
    folder,
    write(name, text, mode = 0o600) {
      writeFileSync(join(folder, name), text, { mode });
      return join(folder, name);
    },
    async run(args, options = {}) {
      return ended(...begin(args, options));
    },
    async json(args, options = {}) {
      const { code, stdout, stderr } = await place.run([...args, "--json"], options);
      if (code !== 0) throw new Error(`valetkey ${args.join(" ")} ended with ${code}: ${stderr}`);
      return JSON.parse(stdout);
    },
    async start(args = ["--port", "0"], options = {}) {
      const [child, said] = begin(["start", ...args], options);
      const listening = () => said.stdout.split("\n").find((line) => line.includes('"listening"'));
      while (!listening()) {
        if (child.exitCode !== null) throw new Error(`start ended: ${said.stderr}${said.stdout}`);
        await Promise.race([once(child.stdout ?? child, "data"), once(child, "close")]);
      }
      const { issuer } = JSON.parse(listening() ?? "{}");
      return {
        issuer,
        said,
        stop(signal = "SIGTERM") {
          child.kill(signal);
          return ended(child, said);
        },
      };
    },
    async remove() {
      for (const child of children) child.kill("SIGKILL");
      for (const each of [folder, cache]) rmSync(each, { recursive: true, force: true });
    },
  };
  return place;
}

/** One line and a hint on stderr, nothing on stdout. */
export function assertRefused(result: Result, code: 1 | 2, message: RegExp): void {
  const lines = result.stderr.trimEnd().split("\n");
  const problem = lines.find((line) => line.startsWith("error: ")) ?? "";
  const fault =
    result.code !== code
      ? `ended with ${result.code} and not ${code}`
      : result.stdout !== ""
        ? "wrote to stdout"
        : !message.test(problem)
          ? `does not say ${message}`
          : lines.some((line) => /^\s+at /.test(line))
            ? "shows a stack"
            : null;
  if (fault !== null) throw new Error(`${fault}\n${JSON.stringify(result, null, 2)}`);
}
