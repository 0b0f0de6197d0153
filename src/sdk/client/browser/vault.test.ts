import assert from "node:assert/strict";
import { test } from "node:test";
import { createVault, type Session } from "./vault.ts";

const session = (id: string, began: number, rev: number): Session => ({
  ...{ id, began, rev, id_token: undefined, tokens: {}, refresh_token: `${id} ${rev}` },
  user: { id: "1", issuer: "https://as.test", emailVerified: false, raw: {} },
});

test("of one session the later refresh counts, whatever the order of messages", () => {
  const vault = createVault();
  assert.equal(vault.offer(session("a", 1, 2)), true);
  for (const rev of [1, 2]) assert.equal(vault.offer(session("a", 1, rev)), false);
  assert.equal(vault.offer(session("a", 1, 3)), true);
  assert.equal(vault.current()?.rev, 3);
});

test("of two sessions the later sign-in counts, however often the other one was refreshed", () => {
  const vault = createVault();
  vault.offer(session("b", 20, 1));
  assert.equal(vault.offer(session("a", 10, 9)), false);
  assert.equal(vault.offer(session("c", 30, 1)), true);
  assert.equal(vault.current()?.id, "c");
});

test("a session that has ended does not come back; another one may begin", () => {
  const vault = createVault();
  vault.offer(session("a", 1, 1));
  vault.end("a");
  assert.equal(vault.current(), null);
  assert.equal(vault.offer(session("a", 1, 2)), false);
  assert.equal(vault.offer(session("b", 2, 1)), true);
  vault.end("a");
  assert.equal(vault.current()?.id, "b");
});

test("listeners hear each change, until they stop", () => {
  const vault = createVault();
  const heard: (number | undefined)[] = [];
  const stop = vault.onChange(() => heard.push(vault.current()?.rev));
  vault.offer(session("a", 1, 1));
  vault.offer(session("a", 1, 1));
  vault.offer(session("a", 1, 2));
  vault.end("b");
  vault.end("a");
  stop();
  vault.offer(session("b", 2, 1));
  assert.deepEqual(heard, [1, 2, undefined]);
});
