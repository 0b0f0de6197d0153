import assert from "node:assert/strict";
import { test } from "node:test";
import { randomText } from "./hash.ts";
import { BadSecret, boundedSecrets, serverSecrets } from "./server_secret.ts";

const OLD = Buffer.alloc(32, 1).toString("base64url");
const NEW = Buffer.alloc(32, 2).toString("base64url");

test("each purpose has a key of its own, derived from the secret", () => {
  const { secret_id, ...keys } = serverSecrets(NEW).current;
  const all = Object.values(keys).map((key) => key.toString("hex"));
  assert.equal(new Set(all).size, 12);
  assert.ok(all.every((key) => key.length === 64 && !key.includes("0202020202")));
  assert.match(secret_id, /^[0-9a-f]{8}$/);
  assert.deepEqual(serverSecrets(NEW).current, { secret_id, ...keys });
  const others = Object.values(serverSecrets(OLD).current).map(String);
  for (const value of Object.values({ secret_id, ...keys }).map(String))
    assert.ok(!others.includes(value));
});

test("keys are found by their secret's id, earlier ones included; the first secret makes new ones", () => {
  const secrets = serverSecrets(NEW, { previous: [OLD] });
  const [old, current] = [serverSecrets(OLD).current, serverSecrets(NEW).current];
  assert.deepEqual(secrets.current, current);
  assert.deepEqual(secrets.find(current.secret_id, "seal"), current);
  assert.deepEqual(secrets.find(old.secret_id, "seal"), old);
  assert.equal(serverSecrets(NEW).find(old.secret_id, "seal"), null);
  for (const unknown of ["", "00000000", current.secret_id.toUpperCase(), "__proto__"])
    if (unknown !== current.secret_id) assert.equal(secrets.find(unknown, "seal"), null);
  assert.deepEqual(serverSecrets(NEW, { previous: [NEW] }).current, current);
});

test("a secret must have at least 32 bytes in base64url, from any source", () => {
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
    assert.throws(() => serverSecrets(NEW, { previous: [OLD, secret] }), BadSecret);
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

test("a leaked secret is found for its own codes and refresh tokens only", () => {
  const old = serverSecrets(OLD).current;
  for (const given of [{ leaked: [OLD] }, { leaked: [OLD], previous: [OLD] }]) {
    const secrets = serverSecrets(NEW, given);
    assert.equal(secrets.find(old.secret_id, "seal"), null);
    assert.deepEqual(secrets.findForHandle(old.secret_id), old);
    assert.deepEqual([...secrets.leaked], [old.secret_id]);
    assert.deepEqual(secrets.all, [secrets.current]);
  }
  const plain = serverSecrets(NEW, { previous: [OLD] });
  assert.equal(plain.leaked.size, 0);
  assert.deepEqual(plain.findForHandle(old.secret_id), old);
  assert.equal(plain.findForHandle("00000000"), null);
  assert.throws(() => serverSecrets(NEW, { leaked: [NEW] }), BadSecret);
  assert.throws(() => serverSecrets(NEW, { leaked: ["short"] }), BadSecret);
});

test("an earlier secret is accepted for a purpose until an hour after its last value has ended", () => {
  const secrets = serverSecrets(NEW, { previous: [OLD] });
  const old = serverSecrets(OLD).current.secret_id;
  const bounds = {
    ...{ seal: 500, access_token: 100, signing_key: Number.POSITIVE_INFINITY },
    ...{ form: 0, probe: 0, id_token: 0, subject_salt: 0, totp: 0, mail: 0, mail_code: 0 },
  };
  const known = (now: number, since: Record<string, number>) => {
    const bounded = boundedSecrets(secrets, { since, now, bounds });
    assert.ok(bounded.findForHandle(old), "grants know their own end");
    assert.equal(bounded.current, secrets.current);
    assert.ok(bounded.find(secrets.current.secret_id, "form"));
    return (["signing_key", "seal", "access_token", "form"] as const).filter(
      (purpose) => bounded.find(old, purpose) !== null,
    );
  };
  const since = { [old]: 10, [secrets.current.secret_id]: 1000 };
  assert.deepEqual(known(4599, since), ["signing_key", "seal", "access_token", "form"]);
  assert.deepEqual(known(4600, since), ["signing_key", "seal", "access_token"]);
  assert.deepEqual(known(4700, since), ["signing_key", "seal"]);
  assert.deepEqual(known(5100, since), ["signing_key"]);
  // A secret that is configured but not in use yet, and one that is in use again.
  const all = ["signing_key", "seal", "access_token", "form"];
  assert.deepEqual(known(99_999, { [secrets.current.secret_id]: 1000, [old]: 2000 }), all);
  assert.deepEqual(known(99_999, {}), all);
  assert.deepEqual(known(99_999, { [secrets.current.secret_id]: 1000 }), ["signing_key"]);
  const alone = serverSecrets(NEW);
  assert.equal(boundedSecrets(alone, { since, now: 0, bounds }), alone);
});
