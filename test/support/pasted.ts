/** Runs requests of a documentation page as a reader who pastes them into a terminal. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";

/** The code blocks of a page in one language. */
export const blocksOf = (page: string, language: string): string[] =>
  [...readFileSync(page, "utf8").matchAll(/```(\w+)\n([\s\S]*?)```/g)].flatMap(
    ([, name, text = ""]) => (name === language ? [text] : []),
  );

/**
 * Runs the `curl` blocks of a page one after the other.
 * @param env the variables that the page names
 * @returns the output of each
 */
export async function pasteRequests(page: string, env: Record<string, string>): Promise<string[]> {
  const requests = blocksOf(page, "sh").filter((block) => /^curl /m.test(block));
  if (requests.length === 0) throw new Error(`${page} has no request`);
  const outputs: string[] = [];
  for (const request of requests) {
    const options = { env: { ...process.env, ...env } };
    const { stdout } = await promisify(execFile)("sh", ["-euc", request], options);
    outputs.push(stdout);
  }
  return outputs;
}
