import assert from "node:assert/strict";
import { test } from "node:test";
import { serverSecrets } from "../crypto/server_secret.ts";
import { counterSlot } from "./counter_slot.ts";

const ctx = { secrets: serverSecrets("A".repeat(43)) };
const SLOTS = 2 ** 20;
const KINDS = [
  "sign_in",
  "sign_up",
  "account_change",
  "device",
  "sign_in_account",
  "sign_in_address",
] as const;

test("L9 each kind of counter has its own slots, so sign-ups never limit sign-ins", () => {
  const names = Array.from({ length: 2000 }, (_, i) => `name ${i}`);
  for (const [i, kind] of KINDS.entries())
    for (const name of names) {
      const slot = counterSlot(kind, name, ctx);
      assert.ok(slot >= i * SLOTS && slot < (i + 1) * SLOTS, `${kind} ${slot}`);
    }
  const slots = new Set(names.map((name) => counterSlot("sign_in", name, ctx)));
  assert.ok(slots.size > 1980, `${slots.size}`);
});

test("a slot reveals nothing without the secret, and is the same on every node", () => {
  const other = { secrets: serverSecrets("B".repeat(43)) };
  assert.equal(counterSlot("sign_in", "ada", ctx), counterSlot("sign_in", "ada", ctx));
  assert.notEqual(counterSlot("sign_in", "ada", ctx), counterSlot("sign_in", "ada", other));
});
