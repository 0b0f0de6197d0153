/** A person in front of a terminal that is none: sees the lines, and answers when the test says so. */
import type { Ui } from "../../../src/sdk/client/terminal/options.ts";

export interface Person extends Ui {
  lines: string[];
  codes: string[];
  /** Waits for a line. @returns the match */
  sees(text: RegExp): Promise<RegExpExecArray>;
  /** Answers the question that is asked, or the next one. */
  types(line: string): void;
  /** Whether a question is open. */
  isAsked(): boolean;
}

export function person(): Person {
  const lines: string[] = [];
  const codes: string[] = [];
  const typed: string[] = [];
  let open: ((line: string) => void) | null = null;
  return {
    ...{ lines, codes },
    show: (line) => void lines.push(line),
    qr: (url) => void codes.push(url),
    ask(_question, signal) {
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      const ready = typed.shift();
      if (ready === undefined) open = resolve;
      else resolve(ready);
      signal.addEventListener("abort", () => reject(signal.reason));
      return promise.finally(() => {
        open = null;
      });
    },
    types(line) {
      const answer = open;
      open = null;
      if (answer) answer(line);
      else typed.push(line);
    },
    isAsked: () => open !== null,
    async sees(text) {
      for (let tries = 0; tries < 600; tries += 1) {
        const found = text.exec(lines.join("\n"));
        if (found) return found;
        // Nobody may wait for it any more.
        await new Promise((resolve) => setTimeout(resolve, 20).unref());
      }
      throw new Error(`${text} is not in:\n${lines.join("\n")}`);
    },
  };
}
