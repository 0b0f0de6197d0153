/** The drills run, notice what they are there to notice, and are described. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { wire } from "../tools/drills/ask.ts";
import { checkRows, checkTokens } from "../tools/drills/check.ts";
import { beginChain, insisting, revokeChain } from "../tools/drills/client.ts";
import { judge, type Verdict } from "../tools/drills/drill.ts";
import { newLedger } from "../tools/drills/ledger.ts";
import { DRILLS } from "../tools/drills/list.ts";
import { startNode } from "../tools/drills/node.ts";
import { openPlace } from "../tools/drills/place.ts";
import { config, seed } from "../tools/drills/seed.ts";
import { freePort } from "./support/postgres.ts";

const RUN = "tools/drills/run.ts";

test("docs/reliability.md describes each drill, in the order in which the list has them", () => {
  const text = readFileSync("docs/reliability.md", "utf8");
  const described = [...text.matchAll(/^## ([a-z-]+)$/gm)].map(([, name]) => name);
  assert.deepEqual(
    described,
    DRILLS.map(({ name }) => name),
  );
  for (const { name } of DRILLS) assert.ok(text.includes(`npm run drill -- ${name}`), name);
});

test("npm run drill says what there is, with an example", () => {
  const { scripts } = JSON.parse(readFileSync("package.json", "utf8"));
  assert.equal(scripts.drill, `node ${RUN}`);
  const help = execFileSync(process.execPath, [RUN, "--help"], { encoding: "utf8" });
  assert.match(help, /Example: npm run drill -- kill --quick/);
  for (const { name, title } of DRILLS) assert.ok(help.includes(`${name}`) && help.includes(title));
  const list = execFileSync(process.execPath, [RUN, "--list"], { encoding: "utf8" });
  assert.deepEqual(
    list.trim().split("\n"),
    DRILLS.map(({ name }) => name),
  );
});

test("a drill that does not exist, or runs nowhere, is no pass", () => {
  const run = (...args: string[]) => spawnSync(process.execPath, [RUN, ...args], { stdio: "pipe" });
  assert.equal(run("everything").status, 2);
  assert.equal(run("two-nodes", "--database", "sqlite").status, 1);
});

test("a figure that is missing, or no number, is not within its bounds", () => {
  const line = { figure: "lost", says: "nothing is lost", at_most: 0 };
  const passes = (figures: Record<string, number>) => judge([line], figures)[0]?.passed;
  assert.deepEqual([{ lost: 0 }, { lost: 1 }, { lost: Number.NaN }, {}].map(passes), [
    true,
    false,
    false,
    false,
  ]);
  assert.equal(judge([{ ...line, at_least: 3 }], { lost: -1 })[0]?.passed, false);
});

test("what clients were told and is not so is noticed, by the rows and by the tokens", async () => {
  const place = await openPlace("sqlite");
  const port = await freePort();
  const settings = config(`http://127.0.0.1:${port}`);
  const seeded = await seed({ database: place.database, config: settings, people: 1 });
  const node = await startNode({ place, port, config: settings });
  const line = wire(seeded.origin);
  try {
    const ledger = newLedger();
    const insist = insisting(line, ledger, { pause: 20, gaveUp: () => false });
    const begin = () => {
      const [cookie = ""] = seeded.cookies;
      return beginChain({ app: seeded.native, cookie }, insist, ledger);
    };
    const [revoked, kept] = [await begin(), await begin()];
    assert.ok(revoked && kept);
    await revokeChain(revoked, insist, ledger);
    await checkRows(ledger, place);
    assert.equal(ledger.figures.revoked_alive, 0);
    // As though an acknowledged revocation had been lost, and a login with it.
    Object.assign(kept, { revoked: "yes", touched: true });
    Object.assign(revoked, { revoked: "no" });
    await checkRows(ledger, place);
    assert.equal(ledger.figures.revoked_alive, 1);
    await checkTokens(ledger, seeded);
    assert.ok((ledger.figures.revoked_alive ?? 0) > 1);
    assert.equal(ledger.figures.lost_logins, 1);
  } finally {
    line.close();
    await node.stop();
    await place.close();
  }
});

for (const [name, rounds] of [
  ["kill", 3],
  ["kill-between", 1],
] as const)
  test(`${name}, ${rounds} times on SQLite: every line holds`, () => {
    const json = join(tmpdir(), `valetkey-drill-${name}-${process.pid}.json`);
    const args = [RUN, name, "--rounds", String(rounds), "--database", "sqlite", "--json", json];
    const { stdout } = spawnSync(process.execPath, args, { encoding: "utf8", stdio: "pipe" });
    const [result]: { verdicts: Verdict[]; failure: string | null }[] = JSON.parse(
      readFileSync(json, "utf8"),
    ).results;
    rmSync(json);
    // How fast a start is on the wall clock depends on what else runs here.
    const broken = result?.verdicts.filter(
      ({ passed, figure }) => !passed && figure !== "ready_median_ms",
    );
    assert.deepEqual([broken, result?.failure], [[], null], stdout);
  });
