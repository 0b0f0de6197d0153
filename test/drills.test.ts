/** The drills run, detect the failures they exist for, and are described. */
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

test("docs/reliability.md describes each drill, in the order of the list", () => {
  const text = readFileSync("docs/reliability.md", "utf8");
  const described = [...text.matchAll(/^## ([a-z-]+)$/gm)].map(([, name]) => name);
  assert.deepEqual(
    described,
    DRILLS.map(({ name }) => name),
  );
  for (const { name } of DRILLS) assert.ok(text.includes(`npm run drill -- ${name}`), name);
});

test("npm run drill lists the drills, with an example", () => {
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

test("an unknown drill, or one that runs on no database, fails", () => {
  const run = (...args: string[]) => spawnSync(process.execPath, [RUN, ...args], { stdio: "pipe" });
  assert.equal(run("everything").status, 2);
  assert.equal(run("two-nodes", "--database", "sqlite").status, 1);
});

test("a missing figure, or one that is not a number, is out of bounds", () => {
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

test("a lost acknowledged change is detected, by the rows and by the tokens", async () => {
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
    // As if an acknowledged revocation and a login had been lost.
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
    // The duration of a start depends on what else runs here.
    const broken = result?.verdicts.filter(
      ({ passed, figure }) => !passed && figure !== "ready_median_ms",
    );
    assert.deepEqual([broken, result?.failure], [[], null], stdout);
  });
