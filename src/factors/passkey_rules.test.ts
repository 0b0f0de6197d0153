import assert from "node:assert/strict";
import { test } from "node:test";
import { sha256 } from "../crypto/hash.ts";
import { judgeAuthenticator, judgeClientData, wentBack } from "./passkey_rules.ts";

const EXPECTED = {
  ...{ rp_id: "id.example", origins: ["https://id.example", "https://old.example"] },
  ...({ type: "webauthn.get", challenge: "c2VhbGVk" } as const),
};
const DATA = { type: "webauthn.get", challenge: "c2VhbGVk", origin: "https://id.example" };
const encode = (value: unknown) =>
  Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");

test("client data: the ceremony, the challenge and the origin are the expected ones, without a frame", () => {
  for (const [data, refusal] of [
    [DATA, null],
    [{ ...DATA, origin: "https://old.example" }, null],
    [{ ...DATA, crossOrigin: false, other_keys_can_be_added_here: "x" }, null],
    [{ ...DATA, type: "webauthn.create" }, "refused"],
    [{ ...DATA, type: undefined }, "refused"],
    [{ ...DATA, challenge: "b3RoZXI" }, "refused"],
    [{ ...DATA, challenge: ["c2VhbGVk"] }, "refused"],
    [{ ...DATA, challenge: undefined }, "refused"],
    [{ ...DATA, origin: "https://id.example/" }, "refused"],
    [{ ...DATA, origin: "https://id.example.evil" }, "refused"],
    [{ ...DATA, origin: ["https://id.example"] }, "refused"],
    [{ ...DATA, origin: undefined }, "refused"],
    [{ ...DATA, crossOrigin: true }, "refused"],
    [{ ...DATA, crossOrigin: "false" }, "refused"],
    [{ ...DATA, topOrigin: "https://id.example" }, "refused"],
    ["", "unreadable"],
    ["[]", "unreadable"],
    ['{"type":"webauthn.get","type":"webauthn.get"}', "unreadable"],
  ] as const)
    assert.equal(judgeClientData(encode(data), EXPECTED), refusal, JSON.stringify(data));
});

const bytes = (flags: number, count = 0, rp_id = "id.example"): string => {
  const rest = Buffer.alloc(5);
  rest.writeUInt8(flags);
  rest.writeUInt32BE(count, 1);
  return Buffer.concat([Buffer.from(sha256(rp_id), "base64url"), rest]).toString("base64url");
};

test("authenticator data: the relying party, a present and verified person, flags that fit together", () => {
  const [UP, UV, BE, BS] = [1, 4, 8, 16];
  for (const [given, expected] of [
    [
      bytes(UP | UV, 7),
      { up: true, uv: true, backup_eligible: false, backed_up: false, sign_count: 7 },
    ],
    [
      bytes(UP | UV | BE | BS),
      { up: true, uv: true, backup_eligible: true, backed_up: true, sign_count: 0 },
    ],
    [bytes(UP), "unverified"],
    [bytes(UV), "refused"],
    [bytes(0), "refused"],
    [bytes(UP | UV | BS), "refused"],
    [bytes(UP | UV, 0, "other.example"), "refused"],
    [bytes(UP | UV).slice(0, 20), "unreadable"],
  ] as const)
    assert.deepEqual(judgeAuthenticator(given, EXPECTED), expected, given);
});

test("a counter went back unless it grew, or was never kept", () => {
  for (const [stored, sent, expected] of [
    [0, 0, false],
    [0, 1, false],
    [1, 2, false],
    [1, 1, true],
    [2, 1, true],
    [1, 0, true],
  ] as const)
    assert.equal(wentBack(stored, sent), expected, `${stored} ${sent}`);
});
