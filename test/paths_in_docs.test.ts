/** Links in the documents, and the files that they name, exist. */
import assert from "node:assert/strict";
import { existsSync, globSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";

const documents = globSync([
  "*.md",
  "docs/*.md",
  "examples/*/*.md",
  "test/**/*.md",
  "tools/**/*.md",
]);
/** Documents that tell a newcomer where things are: each file in backticks is one of ours. */
const MAPS = ["ARCHITECTURE.md", "CONTRIBUTING.md", "docs/add-a-feature.md", "docs/decisions.md"];
/** Files that the worked examples would add. */
const NEW = ["token_exchange", "admin", "NAME"];

test("every relative link leads to a file", () => {
  const missing = documents.flatMap((document) =>
    [...readFileSync(document, "utf8").matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)]
      .map(([, target = ""]) => target)
      .filter((target) => !/^[a-z]+:/.test(target))
      .filter((target) => !existsSync(join(dirname(document), target)))
      .map((target) => `${document}: ${target}`),
  );
  assert.deepEqual(missing, []);
});

test("every file that a map of the code names exists", () => {
  let named = 0;
  const missing = MAPS.flatMap((document) =>
    pathsIn(readFileSync(document, "utf8"))
      .filter((path) => {
        named += 1;
        return !isThere(path);
      })
      .map((path) => `${document}: ${path}`),
  );
  assert.deepEqual(missing, []);
  assert.ok(named > 100, `${named} paths`);
});

test("ARCHITECTURE.md shows every folder and file at the top of src", () => {
  const picture = /```\n([\s\S]*?)```/.exec(readFileSync("ARCHITECTURE.md", "utf8"))?.[1] ?? "";
  const rooms = readdirSync("src", { withFileTypes: true })
    .filter(({ name }) => !name.endsWith(".test.ts"))
    .map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name));
  const words = picture.split(/\s+/);
  assert.deepEqual(
    rooms.filter((room) => !words.includes(room)),
    [],
  );
});

/** Words in backticks with a slash, or with the ending of a source file. */
function pathsIn(text: string): string[] {
  const prose = text.replaceAll(/```[\s\S]*?```/g, "");
  return [...prose.matchAll(/`([\w./-]+)`/g)]
    .map(([, word = ""]) => word)
    .filter((word) => /^[a-z][\w-]*(\/[\w.-]+)*(\.ts|\.md|\/)$/.test(word))
    .filter((word) => !NEW.some((name) => word.includes(name)));
}

/** By its whole path, by its path in `src/`, or by its name alone. */
function isThere(path: string): boolean {
  if (existsSync(path) || existsSync(join("src", path))) return true;
  return !path.includes("/") && globSync(`{src,test,tools}/**/${path}`).length > 0;
}
