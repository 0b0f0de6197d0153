/** Checks that the list is still true, and writes the result as a document. */
import type { Guard } from "./guard.ts";

export interface Result {
  guard: Guard;
  /** The first test that failed; null: none did. */
  by: { file: string; test: string } | null;
}

/** The source without the check. */
export const without = ({ find, replace }: Guard, source: string): string =>
  source.replace(find, () => replace);

/** @param read the text of a file, or null when there is none */
export function problemsOf(
  guards: readonly Guard[],
  read: (file: string) => string | null,
): string[] {
  const names = guards.map(({ name }) => name);
  const twice = names.filter((name, i) => names.indexOf(name) !== i);
  return [
    ...twice.map((name) => `${name}: occurs twice in the list`),
    ...guards.flatMap(({ name, file, find, tests }) => {
      const times = (read(file) ?? "").split(find).length - 1;
      const missing = tests.filter((test) => read(test) === null);
      return [
        ...(times === 1 ? [] : [`${name}: occurs ${times} times in ${file}: ${find}`]),
        ...missing.map((test) => `${name}: there is no ${test}`),
      ];
    }),
  ];
}

export function report(results: readonly Result[]): string {
  const noticed = results.filter(({ by }) => by !== null);
  const rest = results.filter(({ by }) => by === null);
  return `# Guards: each security check, removed in turn

\`npm run guards\` removes each security check of [guards/](../tools/guards/list.ts) in turn, in a copy of the repository, and runs
the tests that should fail. If none fails, the check is not tested, whatever the names of the tests promise.
\`npm run guards -- --write\` writes this page.

**${results.length} checks; ${noticed.length} of them are detected by a test, ${rest.length} are not.** \`test/guards.test.ts\` keeps the list true: it fails for a text
that does not occur exactly once in its file.

A new check comes with an entry in the list: \`npm run guards -- --only "words of its name"\` shows that its test fails without it.

## Redundant checks that no test can detect

${
  rest.length === 0
    ? "None."
    : table(
        ["check", "file", "reason"],
        rest.map(({ guard }) => [guard.name, code(guard.file), guard.survives ?? "**not tested**"]),
      )
}

## The test that detects each check

${table(
  ["check", "file", "first test that fails"],
  noticed.map(({ guard, by }) => [
    guard.name,
    code(guard.file),
    `${code(by?.file ?? "")}: ${by?.test ?? ""}`,
  ]),
)}
`;
}

const code = (text: string): string => `\`${text}\``;

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
