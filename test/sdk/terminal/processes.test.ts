/** Ten processes refresh one session: nobody is signed out. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { createClient } from "../../../src/sdk/client/client.ts";
import type { TerminalOptions } from "../../../src/sdk/client/terminal/options.ts";
import { startIssuer } from "../../../src/testing/testing.ts";
import { strictProvider } from "../../support/strict_provider.ts";
import { APP, CLIENT, fileOf, stateHome, storageIn, stored } from "./scene.ts";

const TEN = Array.from({ length: 10 }, (_, index) => index);

interface Outcome {
  refreshed: number;
  error?: string;
}

function start(home: string, options: Partial<TerminalOptions> & { times: number }): ChildProcess {
  const given = { app: APP, clientId: "app", storage: "file", ...options };
  const flags = ["--conditions=valetkey-source", "test/sdk/terminal/refreshing.ts"];
  return spawn(process.execPath, [...flags, JSON.stringify(given)], {
    env: { ...process.env, XDG_STATE_HOME: home },
    stdio: ["ignore", "pipe", "inherit"],
  });
}

async function outcomeOf(child: ChildProcess): Promise<Outcome | null> {
  const said = child.stdout ? await text(child.stdout) : "";
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  return said === "" ? null : JSON.parse(said);
}

const revIn = (home: string): number => {
  const { sessions } = JSON.parse(readFileSync(fileOf(home), "utf8"));
  const [session] = Object.values<{ rev: number; ended_at?: number }>(sessions);
  assert.equal(session?.ended_at, undefined);
  return session?.rev ?? 0;
};

test("a provider that rotates strictly: ten processes refresh 100 times each", async () => {
  await using provider = await strictProvider();
  const home = stateHome();
  const { issuer } = provider;
  await storageIn(home).change(({ add }) => add(stored(issuer, provider.begin())));
  const children = TEN.map(() => start(home, { issuer, times: 100 }));
  const outcomes = await Promise.all(children.map(outcomeOf));
  assert.deepEqual(
    outcomes,
    TEN.map(() => ({ refreshed: 100 })),
  );
  assert.deepEqual([provider.count(), provider.replays()], [1000, 0]);
  assert.equal(revIn(home), 1001);
});

test("Valetkey: ten processes refresh 100 times each, are killed at random, and lose no session", async (t) => {
  const redirectUri = "http://127.0.0.1/callback";
  await using server = await startIssuer({ clients: [CLIENT] });
  const { issuer } = server;
  const app = createClient({ issuer, clientId: "app" });
  const begun = await app.begin({ redirectUri, scope: "openid offline_access" });
  const answer = await fetch(begun.url, { redirect: "manual" });
  const tokens = await app.finish(new URL(answer.headers.get("location") ?? ""), begun);
  const home = stateHome();
  await storageIn(home).change(({ add }) => add(stored(issuer, tokens.refreshToken ?? "")));
  let [kills, done] = [0, 0];
  await Promise.all(
    TEN.map(async () => {
      for (let left = 100; left > 0; ) {
        const child = start(home, { issuer, times: left });
        const isDoomed = Math.random() < 0.7;
        const life = 300 + Math.random() * 2500;
        const timer = isDoomed ? setTimeout(() => child.kill("SIGKILL"), life) : null;
        const outcome = await outcomeOf(child);
        if (timer) clearTimeout(timer);
        if (outcome) assert.deepEqual(outcome, { refreshed: left });
        // What a killed process has done is not known: it counts as a tenth.
        else kills += 1;
        left = outcome ? 0 : left - 10;
        done += outcome?.refreshed ?? 0;
      }
    }),
  );
  const rev = revIn(home);
  assert.ok(kills > 0 && rev > done, `${kills} kills, ${rev} refreshes`);
  t.diagnostic(`${kills} kills, ${rev} refreshes`);
});
