import assert from "node:assert/strict";
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, test } from "node:test";
import { exportJWK, SignJWT } from "jose";
import { AuthError } from "../../errors.ts";
import { clientParty } from "../client_authentication.ts";
import { readLogoutToken } from "./logout_token.ts";

const EVENTS = { "http://schemas.openid.net/event/backchannel-logout": {} };
const ours = generateKeyPairSync("ec", { namedCurve: "P-256" });
const theirs = generateKeyPairSync("ec", { namedCurve: "P-256" });
let is_down = false;
let asked = 0;
const published: object[] = [];
const http = createServer(async ({ url }, response) => {
  if (is_down) return void response.writeHead(503).end();
  const jwk = await exportJWK(ours.publicKey);
  if (url === "/jwks") asked += 1;
  const body = url === "/jwks" ? { keys: [{ ...jwk, kid: "1" }, ...published] } : METADATA;
  response.end(JSON.stringify(body));
});
http.listen(0, "127.0.0.1");
await once(http, "listening");
after(() => http.close());
const issuer = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
const METADATA = {
  ...{ issuer, jwks_uri: `${issuer}/jwks` },
  ...{ authorization_endpoint: `${issuer}/a`, token_endpoint: `${issuer}/t` },
};
const partyNow = () => clientParty({ issuer, clientId: "app", clientSecret: "s" });

const seconds = (): number => Math.floor(Date.now() / 1000);
const GOOD = { iss: issuer, aud: "app", jti: "1", sub: "ada", sid: "s1", events: EVENTS };
interface Made {
  claims?: Record<string, unknown>;
  header?: Record<string, unknown>;
  key?: KeyObject | Uint8Array;
}

function made({ claims = {}, header = {}, key = ours.privateKey }: Made = {}): Promise<string> {
  const all = { iat: seconds(), exp: seconds() + 120, ...GOOD, ...claims };
  const signing = new SignJWT(JSON.parse(JSON.stringify(all)));
  signing.setProtectedHeader({ alg: "ES256", kid: "1", typ: "logout+jwt", ...header });
  return signing.sign(key);
}

test("a genuine token names what has ended", async () => {
  const iat = seconds();
  const ended = await readLogoutToken(partyNow(), await made({ claims: { iat } }));
  assert.deepEqual(ended, { jti: "1", sub: "ada", sid: "s1", until: iat + 330 });
  const only = await readLogoutToken(partyNow(), await made({ claims: { sub: undefined } }));
  assert.deepEqual([only.sub, only.sid], [undefined, "s1"]);
  assert.ok(await readLogoutToken(partyNow(), await made({ header: { typ: undefined } })));
});

const wrong: Record<string, Made> = {
  "of another issuer": { claims: { iss: "https://evil.test" } },
  "for another client": { claims: { aud: "other" } },
  "without a time": { claims: { iat: undefined } },
  old: { claims: { iat: seconds() - 400 } },
  expired: { claims: { exp: seconds() - 60 } },
  "of the future": { claims: { iat: seconds() + 60 } },
  "without an id": { claims: { jti: undefined } },
  "without the event": { claims: { events: { other: {} } } },
  "with an event of another kind": { claims: { events: [Object.keys(EVENTS)[0]] } },
  "about nobody": { claims: { sub: undefined, sid: undefined } },
  "with a nonce, as ID tokens have": { claims: { nonce: "n" } },
  "of another type": { header: { typ: "at+jwt" } },
  "signed by others": { key: theirs.privateKey },
  "with an unknown key": { header: { kid: "2" } },
  "signed with a shared secret": { key: new Uint8Array(32), header: { alg: "HS256" } },
};

for (const [name, how] of Object.entries(wrong))
  test(`refused: a token ${name}`, async () => {
    await assert.rejects(
      readLogoutToken(partyNow(), await made(how)),
      (error) => error instanceof AuthError && error.code === "invalid_response",
    );
  });

test("refused: no token, and one without a signature", async () => {
  const [, body] = (await made()).split(".");
  const none = Buffer.from('{"alg":"none","typ":"logout+jwt"}').toString("base64url");
  const cut = (await made()).slice(0, -1);
  for (const token of ["", "a.b.c", `${none}.${body}.`, cut, cut.slice(0, -1), cut.slice(0, -2)])
    await assert.rejects(
      readLogoutToken(partyNow(), token),
      (error) => error instanceof AuthError && error.code === "invalid_response",
    );
});

test("without the provider's keys, the provider has to try again", async () => {
  const party = partyNow();
  await party.server();
  is_down = true;
  const token = await made();
  await assert.rejects(
    readLogoutToken(party, token),
    (error) => error instanceof AuthError && error.retryable,
  );
  is_down = false;
  assert.ok(await readLogoutToken(party, token));
});

test("tokens that come at the same time make one request for keys", async () => {
  const party = partyNow();
  const token = await made({ header: { kid: "2" } });
  const before = asked;
  const all = Array.from({ length: 20 }, () => readLogoutToken(party, token));
  for (const each of await Promise.allSettled(all)) assert.equal(each.status, "rejected");
  assert.equal(asked, before + 1);
});

test("keys of all algorithms verify; unknown ones are asked for every 30 seconds", async (t) => {
  const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const pairs = {
    ES384: generateKeyPairSync("ec", { namedCurve: "P-384" }),
    ES512: generateKeyPairSync("ec", { namedCurve: "P-521" }),
    EdDSA: generateKeyPairSync("ed25519"),
    ...{ RS256: rsa, PS384: rsa },
  };
  const party = partyNow();
  await readLogoutToken(party, await made());
  for (const [kid, { publicKey }] of Object.entries(pairs))
    published.push({ ...(await exportJWK(publicKey)), kid });
  const token = (alg: keyof typeof pairs) =>
    made({ header: { alg, kid: alg }, key: pairs[alg].privateKey });
  const before = asked;
  for (let tries = 0; tries < 3; tries += 1)
    await assert.rejects(readLogoutToken(party, await token("ES384")), /signature is wrong/);
  assert.equal(asked, before, "they were asked for a moment ago");
  const { now } = performance;
  t.mock.method(performance, "now", () => now.call(performance) + 31_000);
  for (const alg of ["ES384", "ES512", "EdDSA", "RS256", "PS384"] as const)
    assert.ok(await readLogoutToken(party, await token(alg)), alg);
  assert.equal(asked, before + 1);
});
