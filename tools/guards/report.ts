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
    ...twice.map((name) => `${name}: stands twice in the list`),
    ...guards.flatMap(({ name, file, find, tests }) => {
      const times = (read(file) ?? "").split(find).length - 1;
      const missing = tests.filter((test) => read(test) === null);
      return [
        ...(times === 1 ? [] : [`${name}: stands ${times} times in ${file}: ${find}`]),
        ...missing.map((test) => `${name}: there is no ${test}`),
      ];
    }),
  ];
}

export function report(results: readonly Result[]): string {
  const noticed = results.filter(({ by }) => by !== null);
  const rest = results.filter(({ by }) => by === null);
  return `# Guards: what happens when a security check is gone

\`npm run guards\` takes each security check of [guards/](../tools/guards/list.ts) out in turn, in a copy of the repository, and runs
the tests that should notice. A check that can go without a test failing is not tested, whatever the tests are called. This
page is what \`npm run guards -- --write\` found.

**${results.length} checks; ${noticed.length} of them are missed by a test at once, ${rest.length} are not.** The list stays true by itself: a text in it that no longer
stands exactly once in its file fails \`test/guards.test.ts\`.

A new check comes with an entry in the list: \`npm run guards -- --only "words of its name"\` shows that its test bites.

## Which nobody misses, and why

${
  rest.length === 0
    ? "None."
    : table(
        ["check", "file", "why"],
        rest.map(({ guard }) => [guard.name, code(guard.file), guard.survives ?? "**not tested**"]),
      )
}

## Which test misses which check

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
