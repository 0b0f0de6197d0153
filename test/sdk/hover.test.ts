/** Editors show a text for each option of the SDKs. */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { test } from "node:test";

const OPTIONS =
  /^export interface (\w*Options|\w*Init|Need|Revocation|Provider|TestUser|TestClient)\b.*\{$/;

/** The members of such types, each with whether a comment stands in front of it. */
function optionsIn(source: string): { name: string; is_told: boolean }[] {
  const found: { name: string; is_told: boolean }[] = [];
  let type: string | null = null;
  let before = "";
  for (const line of source.split("\n")) {
    type = OPTIONS.exec(line)?.[1] ?? (line === "}" ? null : type);
    const [, member] = /^ {2}(\w+)\??[:(]/.exec(line) ?? [];
    if (type !== null && member !== undefined)
      found.push({ name: `${type}.${member}`, is_told: before.endsWith("*/") });
    // The comment of the linter stands between.
    if (!line.includes("biome-ignore")) before = line;
  }
  return found;
}

test("each option has a hover text", () => {
  const files = globSync(["src/sdk/**/*.ts", "src/testing/*.ts"]);
  const options = files.flatMap((file) => optionsIn(readFileSync(file, "utf8")));
  for (const known of ["ClientOptions.issuer", "AuthOptions.secret", "ProtectOptions.audience"])
    assert.ok(
      options.some(({ name }) => name === known),
      known,
    );
  assert.deepEqual(
    options.filter(({ is_told }) => !is_told).map(({ name }) => name),
    [],
  );
});
