import assert from "node:assert/strict";
import { test } from "node:test";
import { checkPasskeys } from "./check_passkeys.ts";

const config = (issuer: string, rp_id?: string, passkeys = true) => ({
  issuer,
  passkeys: { origins: [], ...(rp_id !== undefined && { rp_id }) },
  sign_in: { password: true, passkeys, email_code: true, second_factor: "optional" as const },
});
const count = (rp_id: string, people = 2) => ({ rp_id, people, passkeys: people + 1 });

test("passkeys that are left behind are counted; an IP address and a parent domain are told", () => {
  for (const [counts, given, status, saw] of [
    [[], config("https://id.example.com"), "ok", /bound to id\.example\.com$/],
    [
      [count("id.example.com")],
      config("https://id.example.com"),
      "ok",
      /id\.example\.com, 2 people with 3$/,
    ],
    [[count("old.example.com", 1)], config("https://id.example.com"), "warning", /^1 person can't/],
    [[], config("http://127.0.0.1:4000"), "ok", /127\.0\.0\.1 is an IP address/],
    [[], config("https://id.example.com", "example.com"), "warning", /every site below it/],
    [
      [count("id.example.com")],
      config("https://id.example.com", undefined, false),
      "warning",
      /2 people can't/,
    ],
  ] as const) {
    const finding = checkPasskeys({ passkeys: counts }, given);
    assert.equal(finding?.status, status);
    assert.match(finding?.saw ?? "", saw);
  }
  const off = config("https://id.example.com", undefined, false);
  assert.equal(checkPasskeys({ passkeys: [] }, off), null);
});
