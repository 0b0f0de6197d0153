import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { randomText, uuidv7 } from "../crypto/hash.ts";
import { serverSecrets } from "../crypto/server_secret.ts";
import { sampleGrant } from "../store/conformance/samples.ts";
import { withPlace } from "../store/place.ts";
import type { GrantRecord } from "../store/records.ts";
import { freshKeyFor, type HandleKind, isGenuine, issueHandle, parseHandle } from "./handle.ts";

const [OLD, NEW] = [randomText(32), randomText(32)];
const secrets = serverSecrets(NEW);
const grantWith = (given: Partial<GrantRecord> = {}) =>
  sampleGrant({ secret_id: secrets.current.secret_id, ...given });

function issue(kind: HandleKind, grant: GrantRecord, generation: number, with_ = secrets): string {
  const text = issueHandle(kind, grant, generation, with_);
  assert.ok(text !== null);
  return text;
}
const isGenuineText = (text: string, grant: GrantRecord, with_ = secrets): boolean => {
  const handle = parseHandle(text);
  return handle !== null && isGenuine(handle, grant, with_);
};

test("an issued handle parses back and is genuine", () => {
  const hex = (length: number) =>
    fc.nat(0xffffffff).map((n) => n.toString(16).padStart(length, "0"));
  fc.assert(
    fc.property(
      fc.constantFrom<HandleKind>("vkc", "vkr"),
      fc.nat(0xffffffff),
      fc.nat(0xffffffff),
      fc.tuple(hex(8), hex(8), hex(8), hex(8), fc.constant("0a1f")).map((words) => words.join("")),
      fc.string(),
      (kind, generation, epoch, grant_id, salt) => {
        const grant = grantWith({ grant_id, epoch, salt });
        const text = issue(kind, grant, generation);
        const handle = parseHandle(text);
        assert.ok(handle && isGenuine(handle, grant, secrets));
        const { proof, ...named } = handle;
        const { secret_id } = grant;
        assert.deepEqual(named, { kind, secret_id, epoch, grant_id, generation });
        assert.equal(proof.length, 32);
        assert.match(text, /^vk[cr]_[\w-]{84}$/);
        assert.equal(issue(kind, grant, generation), text);
      },
    ),
  );
});

test("C4: a guess is not genuine, however much of the handle is right", () => {
  const grant = grantWith();
  const text = issue("vkr", grant, 2);
  const bytes = Buffer.from(text.slice(4), "base64url");
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const changed = Buffer.from(bytes);
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    assert.equal(isGenuineText(`vkr_${changed.toString("base64url")}`, grant), false, `bit ${bit}`);
  }
});

test("a handle is genuine for its own kind, grant, generation, epoch and salt only", () => {
  const grant = grantWith();
  const code = issue("vkc", grant, 0);
  assert.equal(isGenuineText(code, grant), true);
  assert.equal(isGenuineText(code.replace("vkc", "vkr"), grant), false);
  for (const given of [
    { salt: randomText(16) },
    { epoch: grant.epoch + 1 },
    { secret_id: serverSecrets(OLD).current.secret_id },
  ])
    assert.equal(
      isGenuineText(code, { ...grant, ...given }, serverSecrets(NEW, { previous: [OLD] })),
      false,
    );
  const others = [1, 2, 2 ** 31].map((generation) => issue("vkr", grant, generation));
  assert.equal(new Set(others.map((each) => each.slice(-42))).size, others.length);
  // Two grants that share all but their id
  const twin = { ...grant, grant_id: uuidv7(1) };
  assert.equal(isGenuineText(code, twin), false);
});

test("forging a handle requires both the row and the secret", () => {
  const grant = grantWith();
  const text = issue("vkc", grant, 0);
  const stranger = serverSecrets(OLD);
  const forged = issue("vkc", { ...grant, secret_id: stranger.current.secret_id }, 0, stranger);
  const head = text.slice(0, 4 + 36);
  assert.equal(isGenuineText(head + forged.slice(4 + 36), grant), false);
  const guessed = issue("vkc", { ...grant, salt: "" }, 0);
  assert.equal(isGenuineText(guessed, grant), false);
});

test("handles of an earlier secret are valid while it is configured, and continue under it", () => {
  const old = serverSecrets(OLD);
  const both = serverSecrets(NEW, { previous: [OLD] });
  const grant = sampleGrant({ secret_id: old.current.secret_id });
  const text = issue("vkr", grant, 1, old);
  assert.equal(isGenuineText(text, grant, both), true);
  assert.equal(issue("vkr", grant, 1, both), text);
  assert.equal(isGenuineText(text, grant, secrets), false);
  assert.equal(issueHandle("vkr", grant, 2, secrets), null);
});

test("a handle has one canonical form; any other text is refused without a database read", () => {
  const text = issue("vkc", grantWith(), 0);
  const body = text.slice(4);
  for (const wrong of [
    "",
    "vkc_",
    body,
    `vka_${body}`,
    `VKC_${body}`,
    `vkc${body}`,
    `vkc-${body}`,
    ` ${text}`,
    `${text} `,
    `${text}\n`,
    `${text}=`,
    `${text}A`,
    `${text}AAAA`,
    text.slice(0, -1),
    text.slice(0, -4),
    `${text.slice(0, -1)}+`,
    `${text.slice(0, -1)}/`,
    `${text.slice(0, -1)}\u00e4`,
    "x".repeat(100_000),
  ])
    assert.equal(parseHandle(wrong), null, wrong.slice(0, 100));
});

test("C9: 10,000 codes are all different", () => {
  const codes = Array.from({ length: 10_000 }, () =>
    issue("vkc", grantWith({ grant_id: withPlace(uuidv7(1_800_000_000_000), "ada") }), 0),
  );
  assert.equal(new Set(codes.map((code) => code.slice(-42))).size, codes.length);
});

test("a grant under a leaked secret gets a new key for later generations; earlier ones keep the old key", () => {
  const leaky = serverSecrets(NEW, { leaked: [OLD] });
  const old = serverSecrets(OLD);
  const grant = grantWith({ secret_id: old.current.secret_id, generation: 3 });
  const [before, same] = [issue("vkr", grant, 3, old), issue("vkr", grant, 3, leaky)];
  assert.equal(before, same);
  assert.ok(isGenuineText(before, grant, leaky));
  const fresh = freshKeyFor(grant, 4, leaky);
  assert.ok(fresh);
  const moved = { ...grant, ...fresh, generation: 4 };
  const next = issue("vkr", moved, 4, leaky);
  assert.equal(parseHandle(next)?.secret_id, leaky.current.secret_id);
  for (const text of [before, next, issue("vkc", grant, 0, old)])
    assert.ok(isGenuineText(text, moved, leaky));
  // The old key is invalid for later generations, and the new one for earlier ones.
  assert.equal(
    isGenuineText(issue("vkr", { ...grant, generation: 4 }, 4, old), moved, leaky),
    false,
  );
  const forged = { ...moved, replaced_key: null };
  assert.equal(isGenuineText(issue("vkr", forged, 3, leaky), moved, leaky), false);
  assert.notEqual(fresh.salt, grant.salt);
  assert.notEqual(freshKeyFor(grant, 4, leaky)?.salt, fresh.salt);
  assert.equal(freshKeyFor(moved, 5, leaky), null, "the key is replaced once");
  assert.equal(freshKeyFor(grant, 4, serverSecrets(NEW, { previous: [OLD] })), null);
});
