/** The code blocks of a page of docs/connect, which the tests run: page and test can't differ. */
import { readFileSync } from "node:fs";

export interface Page {
  /** The files of the blocks whose first line is a comment with a file name. */
  files: Readonly<Record<string, string>>;
  /** The `sh` blocks, in order, each with its lines. A line that ends with a backslash goes on. */
  shell: readonly (readonly string[])[];
  /** The `json` block without a file name: keys for the configuration of the server. */
  config: Record<string, unknown> | null;
}

const NAMED = /^(?:\/\/|#|<!--) ([\w./[\]-]+\.\w+)(?: -->)?\n/;

/** @param name of the page, without `.md` */
export function readPage(name: string): Page {
  const text = readFileSync(`docs/connect/${name}.md`, "utf8");
  const files: Record<string, string> = {};
  const shell: string[][] = [];
  let config: Page["config"] = null;
  for (const [, language, block = ""] of text.matchAll(/```(\w+)\n([\s\S]*?)```/g)) {
    const [line, file] = NAMED.exec(block) ?? [];
    if (line !== undefined && file !== undefined) files[file] = block.slice(line.length);
    else if (language === "json") config = JSON.parse(block);
    else if (language === "sh")
      shell.push(
        block
          .replaceAll(/\\\n\s*/g, "")
          .trim()
          .split("\n")
          .filter(Boolean),
      );
  }
  return { files, shell, config };
}

/** The lines that install something: the program itself, or the packages of an app. */
export const isInstall = (command: string): boolean =>
  /^(npm|pip|go|apt-get) install /.test(command);

/** The words of a command, as a shell splits them. */
export const wordsOf = (command: string): string[] =>
  [...command.matchAll(/'([^']*)'|"([^"]*)"|((?:[^\s"']|"[^"]*")+)/g)].map(
    ([, single, double, bare]) => single ?? double ?? bare?.replaceAll('"', "") ?? "",
  );
