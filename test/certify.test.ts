/** `npm run certify` finds nothing that fails, and finds what does. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { judge, type Profile, table } from "../tools/certify/demand.ts";
import { DEMANDS } from "../tools/certify/demands/list.ts";
import { PERSON } from "../tools/certify/person.ts";
import type { World } from "../tools/certify/world.ts";

const RUN = "tools/certify/run.ts";
const certify = (...args: string[]) =>
  spawnSync(process.execPath, [RUN, ...args], { encoding: "utf8", timeout: 170_000 });

test("every demand holds for clients that register themselves", () => {
  const { status, stdout, stderr } = certify();
  assert.equal(status, 0, stdout + stderr);
  assert.match(stdout, /\n\d+ hold, 0 failed\n$/);
  assert.doesNotMatch(stdout, /skipped/);
});

test("a demand that does not hold is told with what was seen, and fails the run", async () => {
  const one = async (check: () => Promise<void>) =>
    judge({ ...DEMANDS, config: [{ text: "it holds", check }] }, ["config"], {} as World);
  const [held] = await one(async () => {});
  const [failed] = await one(async () => assert.equal(1, 2));
  assert.equal(held?.seen, null);
  assert.match(failed?.seen ?? "", /AssertionError/);
  const shown = table([held, failed].flatMap((each) => each ?? []));
  assert.match(shown, /^ok .*it holds\nFAILED .*it holds\n.*\n\n1 hold, 1 failed$/s);
});

test("docs/certification.md has the configuration, the profiles and the claims that are checked", () => {
  const docs = readFileSync("docs/certification.md", "utf8");
  const { issuer, ...shown } = JSON.parse(/```json\n([\s\S]*?)```/.exec(docs)?.[1] ?? "{}");
  assert.ok(issuer);
  assert.deepEqual(shown, JSON.parse(readFileSync("tools/certify/configuration.json", "utf8")));
  for (const profile of Object.keys(DEMANDS)) assert.ok(docs.includes(`\`${profile}\``), profile);
  for (const claim of Object.keys(PERSON.claims)) assert.ok(docs.includes(`"${claim}":`), claim);
});

test("npm run certify has a help text with an example, and refuses a profile that it does not know", () => {
  const { scripts } = JSON.parse(readFileSync("package.json", "utf8"));
  assert.equal(scripts.certify, `node ${RUN}`);
  const help = execFileSync(process.execPath, [RUN, "--help"], { encoding: "utf8" });
  assert.match(help, /Example: npm run certify -- --profile basic/);
  for (const profile of Object.keys(DEMANDS) as Profile[]) assert.ok(help.includes(profile));
  const { status, stderr } = certify("--profile", "saml");
  assert.equal(status, 2);
  assert.match(stderr, /there is no profile saml; config, basic/);
});
