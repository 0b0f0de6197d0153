import assert from "node:assert/strict";
import { test } from "node:test";
import { randomText } from "./hash.ts";
import { BadSecret, serverSecrets } from "./server_secret.ts";

const OLD = Buffer.alloc(32, 1).toString("base64url");
const NEW = Buffer.alloc(32, 2).toString("base64url");

test("each purpose has a key of its own, always the same for the same secret", () => {
  const { secret_id, ...keys } = serverSecrets(NEW).current;
  const all = Object.values(keys).map((key) => key.toString("hex"));
  assert.equal(new Set(all).size, 7);
  assert.ok(all.every((key) => key.length === 64 && !key.includes("0202020202")));
  assert.match(secret_id, /^[0-9a-f]{8}$/);
  assert.deepEqual(serverSecrets(NEW).current, { secret_id, ...keys });
  const others = Object.values(serverSecrets(OLD).current).map(String);
  for (const value of Object.values({ secret_id, ...keys }).map(String))
    assert.ok(!others.includes(value));
});

test("keys are found by the id of their secret, earlier ones included; the first one makes", () => {
  const secrets = serverSecrets(NEW, [OLD]);
  const [old, current] = [serverSecrets(OLD).current, serverSecrets(NEW).current];
  assert.deepEqual(secrets.current, current);
  assert.deepEqual(secrets.find(current.secret_id), current);
  assert.deepEqual(secrets.find(old.secret_id), old);
  assert.equal(serverSecrets(NEW).find(old.secret_id), null);
  for (const unknown of ["", "00000000", current.secret_id.toUpperCase(), "__proto__"])
    if (unknown !== current.secret_id) assert.equal(secrets.find(unknown), null);
  assert.deepEqual(serverSecrets(NEW, [NEW]).current, current);
});

test("a secret is at least 32 bytes in base64url, whoever gives it", () => {
  for (const secret of [
    "",
    "hunter2",
    "x".repeat(42),
    Buffer.alloc(31).toString("base64url"),
    `${NEW}=`,
    `${NEW}\n`,
    ` ${NEW}`,
    NEW.replace("A", "+"),
    NEW.replace("A", "/"),
    Buffer.alloc(32, 0xfb).toString("base64"),
    "\u00e4".repeat(50),
  ]) {
    assert.throws(() => serverSecrets(secret), BadSecret);
    assert.throws(() => serverSecrets(NEW, [OLD, secret]), BadSecret);
    // The message is printed and logged.
    if (secret.length > 5)
      assert.throws(
        () => serverSecrets(secret),
        (error) => error instanceof Error && !error.message.includes(secret),
      );
  }
  assert.doesNotThrow(() => serverSecrets(randomText(32)));
  assert.doesNotThrow(() => serverSecrets(randomText(64)));
});
