import assert from "node:assert/strict";
import { after, test } from "node:test";
import { decodeJwt, decodeProtectedHeader } from "jose";
import {
  contextOf,
  ISSUER,
  PRINTS,
  SNAPS,
  START,
  testServer,
  WEB,
} from "../../test/support/server.ts";
import { audit, type Context } from "../context.ts";
import { signJwt } from "../crypto/jwt.ts";
import { seal } from "../crypto/seal.ts";
import { signingKeyAt } from "../crypto/signing_key.ts";
import type { Audience } from "../oauth/audience.ts";
import { sampleConsent, sampleGrant } from "../store/conformance/samples.ts";
import { grantWith } from "../store/conformance/scenario.ts";
import type { GrantRecord } from "../store/records.ts";
import {
  accessTokenClaims,
  findAccessToken,
  mintAccessToken,
  revokeAccessToken,
} from "./access_token.ts";
import { mintIdToken } from "./id_token.ts";
import { unmaskGrantId } from "./masked_grant.ts";
import { sidFor } from "./subject.ts";

const server = await testServer();
after(() => server.close());
const sub = await server.addUser("ada");
const { record: client } = await server.addClient(WEB);
const { epoch } = await server.server.store.currentState();
const at = (now: number): Context => contextOf(server, now, epoch);
const ctx = at(START);

async function makeGrant(given: Partial<GrantRecord> = {}): Promise<GrantRecord> {
  const { client_id } = client;
  const created_at = START;
  const permissions = [`${ISSUER} openid`, `${SNAPS} photos.read`, `${PRINTS} prints.order`];
  const own = { sub, client_id, epoch, generation: 1, created_at, permissions };
  const grant = sampleGrant({ ...own, ...given });
  await grantWith(ctx.store, grant, sampleConsent({ sub: grant.sub, client_id }));
  return grant;
}
const jwt: Audience = { aud: [SNAPS, ISSUER], scope: ["openid", "photos.read"], format: "jwt" };
const opaque: Audience = { aud: [PRINTS], scope: ["prints.order"], format: "opaque" };
const ada = await ctx.users.find(sub);
assert.ok(ada);
const person = ada;
const keys = await ctx.keys();
const signIn = { client, person, scope: ["openid"], claims: [], nonce: null };
const allowed = (grant: GrantRecord | null, audience: Audience) => ({
  client,
  granted: grant && { grant, person },
  audience,
});
const mint = (grant: GrantRecord | null, audience: Audience, now = ctx) => {
  const claims = accessTokenClaims(allowed(grant, audience), now);
  return mintAccessToken({ claims, audience, person }, keys, now);
};

test("the claims are those of RFC 9068, with the grant and its access epoch", async () => {
  const grant = await makeGrant({ access_epoch: 4, proofs: [{ kind: "pwd", at: START - 9 }] });
  const token = await mint(grant, jwt);
  assert.equal(decodeProtectedHeader(token).typ, "at+jwt");
  const { jti, ...claims } = decodeJwt(token);
  assert.match(String(jti), /^[\w-]{22}$/);
  assert.deepEqual(claims, {
    iss: ISSUER,
    sub,
    aud: [SNAPS, ISSUER],
    exp: START + 600,
    iat: START,
    client_id: client.client_id,
    scope: "openid photos.read",
    auth_time: START - 9,
    acr: "urn:valetkey:single",
    grant_id: grant.grant_id,
    access_epoch: 4,
  });
});

test("a client_credentials token has the client as its subject, and neither grant nor empty scope", () => {
  const own = accessTokenClaims(allowed(null, { ...opaque, scope: [] }), ctx);
  assert.equal(own.sub, client.client_id);
  assert.equal(own.aud, PRINTS);
  for (const name of ["scope", "auth_time", "acr", "grant_id", "access_epoch"])
    assert.ok(!(name in own), name);
});

test("no access token outlives its grant", async () => {
  const grant = await makeGrant({ expires_at: START + 100 });
  assert.equal(accessTokenClaims(allowed(grant, jwt), ctx).exp, START + 100);
});

test("an opaque token begins with its prefix, reveals nothing, and reads back as issued", async () => {
  const grant = await makeGrant();
  const token = await mint(grant, opaque);
  assert.match(token, /^vka_[\w-]+$/);
  assert.ok(!Buffer.from(token.slice(4), "base64url").includes(sub));
  const found = await findAccessToken(token, ctx);
  assert.equal(found?.claims.aud, PRINTS);
  assert.equal(found?.granted?.grant.grant_id, grant.grant_id);
});

test("signed and sealed tokens are valid until they expire, their grant ends, or they are revoked", async () => {
  for (const audience of [jwt, opaque]) {
    const grant = await makeGrant();
    const token = await mint(grant, audience);
    assert.ok(await findAccessToken(token, at(START + 599)));
    assert.equal(await findAccessToken(token, at(START + 600)), null);
    const found = await findAccessToken(token, ctx);
    assert.ok(found);
    await revokeAccessToken(found, audit("token_revoked", { actor: "client" }, ctx), ctx);
    assert.equal(await findAccessToken(token, ctx), null);
    const raised = await ctx.store.findGrant(grant.grant_id);
    assert.ok(raised);
    const next = await mint(raised, audience);
    assert.ok(await findAccessToken(next, ctx));
    await ctx.store.revokeGrant(grant.grant_id, START);
    assert.equal(await findAccessToken(next, ctx), null);
  }
});

test("a client_credentials token is revoked individually, and ends with the client", async () => {
  const [revoked, kept] = [await mint(null, jwt), await mint(null, jwt)];
  const found = await findAccessToken(revoked, ctx);
  assert.ok(found && found.granted === null);
  await revokeAccessToken(found, audit("token_revoked", { actor: "client" }, ctx), ctx);
  await revokeAccessToken(found, audit("token_revoked", { actor: "client" }, ctx), ctx);
  assert.equal(await findAccessToken(revoked, ctx), null);
  assert.ok(await findAccessToken(kept, ctx));
  await ctx.store.updateClient({ ...client, disabled_at: START });
  assert.equal(await findAccessToken(kept, ctx), null);
  await ctx.store.updateClient(client);
  assert.ok(await findAccessToken(kept, ctx));
});

test("a token has no more than its grant has now, whatever its claims say", async () => {
  const grant = await makeGrant({ permissions: [`${ISSUER} openid`, `${SNAPS} photos.read`] });
  const claims = accessTokenClaims(allowed(grant, jwt), ctx);
  const shown = async (said: object) => {
    const text = JSON.stringify({ ...claims, ...said });
    const token = `vka_${seal(text, "access_token", ctx, "access_token")}`;
    const found = await findAccessToken(token, ctx);
    return found && [found.claims.aud, found.claims.scope];
  };
  assert.deepEqual(await shown({}), [[SNAPS, ISSUER], "openid photos.read"]);
  const wide = { aud: [PRINTS, SNAPS, ISSUER], scope: "openid email photos.read prints.order" };
  assert.deepEqual(await shown(wide), [[SNAPS, ISSUER], "openid photos.read"]);
  assert.deepEqual(await shown({ aud: SNAPS, scope: "openid photos.read" }), [
    SNAPS,
    "photos.read",
  ]);
  assert.deepEqual(await shown({ scope: "email" }), [[SNAPS, ISSUER], undefined]);
  assert.equal(await shown({ aud: PRINTS, scope: "prints.order" }), null);
  assert.equal(await shown({ client_id: (await server.addClient(WEB)).client_id }), null);
  // A scope removed from the app is gone from its tokens too.
  const narrowed = { ...client.metadata, scope: "openid" };
  await ctx.store.updateClient({ ...client, metadata: narrowed });
  assert.deepEqual(await shown({}), [ISSUER, "openid"]);
  await ctx.store.updateClient(client);
});

test("a client_credentials token has no more than the client may have now", async () => {
  const metadata = { ...client.metadata, scope: "photos.read", resources: [SNAPS] };
  const { record: own } = await server.addClient(WEB);
  await ctx.store.updateClient({ ...own, metadata });
  const claims = { ...accessTokenClaims(allowed(null, jwt), ctx), client_id: own.client_id };
  const shown = async (said: object, now = ctx) => {
    const text = JSON.stringify({ ...claims, ...said });
    const token = `vka_${seal(text, "access_token", now, "access_token")}`;
    const found = await findAccessToken(token, now);
    return found && [found.claims.aud, found.claims.scope];
  };
  assert.deepEqual(await shown({ aud: SNAPS, scope: "photos.read" }), [SNAPS, "photos.read"]);
  const wide = { aud: [PRINTS, SNAPS], scope: "openid photos.read prints.order" };
  assert.deepEqual(await shown(wide), [SNAPS, "photos.read"]);
  assert.equal(await shown({ aud: PRINTS, scope: "prints.order" }), null);
  // After a restore its revocation may be unknown.
  const restored = { ...ctx, epoch: START + 1 };
  assert.equal(await shown({ aud: SNAPS }, restored), null);
  assert.ok(await shown({ aud: SNAPS, iat: START + 1 }, restored));
});

test("a token ends with its person, client, session, epoch and idle time", async () => {
  const session_id = "no such session";
  for (const given of [
    { sub: "nobody" },
    { session_id },
    { epoch: epoch + 1 },
    { used_at: START - server.config.lifetimes.refresh_token_idle },
    { expires_at: START - 1, used_at: START },
    { revoked_at: START },
  ]) {
    const grant = await makeGrant(given);
    const claims = accessTokenClaims(allowed(grant, jwt), ctx);
    const lasting = { ...claims, exp: START + 600 };
    const token = mintAccessToken({ claims: lasting, audience: jwt, person }, keys, ctx);
    assert.equal(await findAccessToken(token, ctx), null, JSON.stringify(given));
  }
});

test("a token of another issuer, or made for another purpose, is not an access token", async () => {
  const grant = await makeGrant();
  const claims = { ...accessTokenClaims(allowed(grant, jwt), ctx) };
  const [es256, rs256] = [
    signingKeyAt(await ctx.keys(), "ES256", START),
    signingKeyAt(await ctx.keys(), "RS256", START),
  ];
  assert.ok(es256 && rs256);
  assert.ok(await findAccessToken(signJwt(claims, "at+jwt", es256), ctx));
  const id_token = await mintIdToken({ ...signIn, grant, access_token: "x" }, keys, ctx);
  const text = JSON.stringify(claims);
  for (const token of [
    id_token,
    signJwt(claims, "JWT", es256),
    signJwt({ ...claims, iss: "https://other.test" }, "at+jwt", es256),
    signJwt({ ...claims, grant_id: "0".repeat(36) }, "at+jwt", es256),
    signJwt({ ...claims, access_epoch: 1 }, "at+jwt", es256),
    `vka_${seal(text, "access_token", ctx)}`,
    `vka_${seal(text, "authorization request", ctx, "access_token")}`,
    `vka_${seal(text, "access_token", { ...ctx, epoch: epoch + 1 }, "access_token")}`,
    `vka_${seal("[]", "access_token", ctx, "access_token")}`,
    seal(text, "access_token", ctx, "access_token"),
    "vka_",
    "",
    "a.b.c",
  ])
    assert.equal(await findAccessToken(token, ctx), null);
});

test("an ID token has the claims of OpenID Connect Core, and the hash of its access token", async () => {
  const pwd = { kind: "pwd", at: START - 9 } as const;
  const grant = await makeGrant({ proofs: [pwd] });
  // OpenID Connect Core, appendix A.3: the access token and its at_hash.
  const access_token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
  const token = await mintIdToken({ ...signIn, grant, nonce: "n", access_token }, keys, ctx);
  assert.equal(decodeProtectedHeader(token).alg, "RS256");
  const { jti, ...claims } = decodeJwt(token);
  assert.equal(unmaskGrantId(jti ?? "", ctx), grant.grant_id);
  assert.deepEqual(claims, {
    iss: ISSUER,
    sub,
    aud: client.client_id,
    exp: START + 3600,
    iat: START,
    auth_time: START - 9,
    acr: "urn:valetkey:single",
    amr: ["pwd"],
    sid: sidFor(client, grant.sid ?? "", ctx),
    at_hash: "77QmUPtjPfzWtF2AnpK9RQ",
    nonce: "n",
  });
  const stronger: GrantRecord = { ...grant, proofs: [pwd, { kind: "totp", at: START - 5 }] };
  const other = decodeJwt(mintIdToken({ ...signIn, grant: stronger, access_token }, keys, ctx));
  assert.deepEqual(other.amr, ["pwd", "otp", "mfa"]);
  assert.equal(other.acr, "urn:valetkey:multi");
  assert.equal(other.auth_time, START - 9);
  assert.ok(!("nonce" in other));
});

test("no claim of a person takes the place of what the server says, whatever the configuration", async () => {
  const names = ["iss", "sub", "aud", "exp", "client_id", "scope", "grant_id", "at_hash", "sid"];
  const evil = Object.fromEntries(names.map((name) => [name, "evil"]));
  const wide = { text: "x", claims: names };
  const { catalogue } = ctx;
  const scopes = { ...catalogue.scopes, "photos.read": wide, "notes.read": wide };
  const open = { ...ctx, catalogue: { ...catalogue, scopes } };
  const mallory = { ...person, claims: evil };
  const grant = await makeGrant();
  const claims = accessTokenClaims(allowed(grant, jwt), open);
  const token = mintAccessToken({ claims, audience: jwt, person: mallory }, keys, open);
  assert.deepEqual(decodeJwt(token).aud, [SNAPS, ISSUER]);
  assert.equal(
    JSON.stringify(decodeJwt(token)).includes('"evil"'),
    true,
    "at_hash and sid are no part of it",
  );
  const { at_hash: _, sid: __, ...rest } = decodeJwt(token);
  assert.deepEqual(rest, { ...claims });
  const scope = ["openid", "notes.read"];
  const of_mallory = { ...signIn, person: mallory, scope, grant, access_token: token };
  const said = decodeJwt(mintIdToken(of_mallory, keys, open));
  assert.deepEqual(
    [said.iss, said.sub, said.aud, said.sid],
    [ISSUER, sub, client.client_id, sidFor(client, grant.sid ?? "", ctx)],
  );
  assert.notEqual(said.at_hash, "evil");
});
