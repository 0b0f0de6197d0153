/** A program of Node that runs until a test stops it. */
import { type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";

export interface Running {
  /** Resolves with all output once it contains this text. @throws if the program ends before that */
  said(text: string): Promise<string>;
  /** Sends it to its standard input. */
  type(text: string): void;
  stop(): Promise<{ code: number | null; output: string }>;
}

export function startNode(args: string[], options: Pick<SpawnOptions, "cwd" | "env">): Running {
  const child = spawn(process.execPath, args, { ...options, stdio: ["pipe", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (output += text));
  const ended = once(child, "close");
  return {
    async said(text) {
      while (!output.includes(text)) {
        if (child.exitCode !== null) throw new Error(`${args.join(" ")} ended:\n${output}`);
        await Promise.race([once(child.stdout, "data"), ended]);
      }
      return output;
    },
    type: (text) => void child.stdin.write(text),
    async stop() {
      child.kill("SIGTERM");
      const [code] = await ended;
      return { code, output };
    },
  };
}
