/**
 * Runs many commands in one process, since starting a process for each takes most of the time: every line of stdin is
 * the arguments of one as JSON, and every line of stdout its result.
 */
import { createInterface } from "node:readline";
import { run } from "../../src/cli/program.ts";

const answer = process.stdout.write.bind(process.stdout);
const said = { stdout: "", stderr: "" };
for (const stream of ["stdout", "stderr"] as const)
  process[stream].write = (text: string | Uint8Array) => {
    said[stream] += String(text);
    return true;
  };
for await (const line of createInterface({ input: process.stdin })) {
  Object.assign(said, { stdout: "", stderr: "" });
  const code = await run(JSON.parse(line));
  answer(`${JSON.stringify({ code, ...said })}\n`);
}
