import assert from "node:assert/strict";
import { test } from "node:test";
import { assertLinearTime } from "../../test/support/linear_time.ts";
import { readCookie, setCookie } from "./cookies.ts";
import type { HttpRequest } from "./message.ts";

const HTTPS = "https://id.example.com";
const LOCAL = "http://127.0.0.1:4000";
const request = (cookie?: string): HttpRequest => ({
  method: "GET",
  path: "/",
  query: "",
  header: (name) => (name === "cookie" ? cookie : undefined),
  body: "",
  origin: HTTPS,
  address: "203.0.113.7",
});

test("H11: an https cookie is host-only and hidden from scripts and other sites", () => {
  assert.deepEqual(setCookie("session", "abc", { issuer: HTTPS, max_age: 60 }), [
    "set-cookie",
    "__Host-valetkey_session=abc; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=60",
  ]);
  for (const name of ["session", "browser", "known"] as const) {
    const [, text] = setCookie(name, "x", { issuer: `${HTTPS}/tenant`, max_age: null });
    assert.match(text, new RegExp(`^__Host-valetkey_${name}_[\\w-]{8}=x; Path=/;.* Secure$`));
    // The conditions of __Host-: no domain, the root path, Secure.
    assert.doesNotMatch(text, /domain|max-age/i);
  }
});

test("L7: issuers under different paths and ports of one host have separate cookies", () => {
  const issuers = [
    HTTPS,
    `${HTTPS}/one`,
    `${HTTPS}/two`,
    `${HTTPS}/one/two`,
    `${HTTPS}:8443`,
    `${HTTPS}:8443/one`,
    `${HTTPS}:9443`,
    `${LOCAL}/one`,
    LOCAL,
  ];
  const names = issuers.map((issuer) => setCookie("session", "x", { issuer, max_age: 1 })[1]);
  assert.equal(new Set(names.map((text) => text.split("=")[0])).size, issuers.length);
  const cookie = names.map((text, i) => `${text.split("=")[0]}=value ${i}`).join("; ");
  for (const [i, issuer] of issuers.entries())
    assert.equal(readCookie(request(cookie), "session", issuer), `value ${i}`);
});

test("on http loopback the name has no prefix and contains the port", () => {
  assert.deepEqual(setCookie("session", "abc", { issuer: LOCAL, max_age: 0 }), [
    "set-cookie",
    "valetkey_session_4000=abc; Path=/; HttpOnly; SameSite=Lax; Max-Age=0",
  ]);
  const [, text] = setCookie("known", "abc", { issuer: "http://localhost", max_age: null });
  assert.match(text, /^valetkey_known=abc; /);
});

test("a cookie is found by its whole name", () => {
  for (const [cookie, issuer, expected] of [
    [undefined, HTTPS, null],
    ["", HTTPS, null],
    ["__Host-valetkey_session=abc", HTTPS, "abc"],
    ["a=1; __Host-valetkey_session=abc; b=2", HTTPS, "abc"],
    ["a=1;__Host-valetkey_session=abc", HTTPS, "abc"],
    ["__Host-valetkey_session = abc ", HTTPS, "abc"],
    ["__Host-valetkey_session=a=b=c", HTTPS, "a=b=c"],
    ["__Host-valetkey_session=", HTTPS, ""],
    ["__Host-valetkey_session", HTTPS, null],
    ["=abc", HTTPS, null],
    ["__host-valetkey_session=abc", HTTPS, null],
    ["valetkey_session=abc", HTTPS, null],
    ["x__Host-valetkey_session=abc", HTTPS, null],
    ["__Host-valetkey_session2=abc", HTTPS, null],
    ["__Secure-valetkey_session=abc", HTTPS, null],
    ["valetkey_session_4000=abc", LOCAL, "abc"],
    ["valetkey_session_4001=abc", LOCAL, null],
    ["valetkey_session=abc", LOCAL, null],
    ["__Host-valetkey_session=abc", LOCAL, null],
    ["__Host-valetkey_session=first; __Host-valetkey_session=second", HTTPS, "first"],
  ] as const)
    assert.equal(readCookie(request(cookie), "session", issuer), expected, cookie ?? "none");
});

test("a cookie reads back as it was set", () => {
  for (const issuer of [HTTPS, LOCAL, "http://[::1]:8080", "https://id.example.com/a"]) {
    const [, text] = setCookie("browser", "v-a_l.ue", { issuer, max_age: 1 });
    const [pair] = text.split(";");
    assert.equal(readCookie(request(`x=1; ${pair}`), "browser", issuer), "v-a_l.ue");
    assert.equal(readCookie(request(pair), "session", issuer), null);
  }
});

test("a long cookie header is read in linear time", async () => {
  for (const unit of [";", "a=b;", "=", " "])
    await assertLinearTime(
      (size) => assert.equal(readCookie(request(unit.repeat(size)), "session", HTTPS), null),
      { size: 100_000, name: unit },
    );
});
