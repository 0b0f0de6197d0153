/** Clients that register themselves (OpenID Connect Registration, profile Dynamic OP). */
import assert from "node:assert/strict";
import { createHash, randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import {
  ask,
  atToken,
  CALLBACK,
  type Client,
  register,
  requestOf,
  SCOPES,
  signIn,
  tryToRegister,
  userinfo,
} from "../client.ts";
import type { Demand } from "../demand.ts";
import { answerOf, goOn, seenOn, type World } from "../world.ts";

const PICTURE = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
  "base64",
);
const ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/** Seconds within which a new key of a client has to be found. */
const NEW_KEY_WITHIN = 60;

async function keyPair(alg: string) {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), alg, use: "sig" };
  const kid = await calculateJwkThumbprint(jwk);
  const sign = (claims: JWTPayload) =>
    new SignJWT(claims).setProtectedHeader({ alg, kid }).setIssuedAt().sign(privateKey);
  return { jwk: { ...jwk, kid }, sign };
}

const registration: Demand[] = [
  {
    text: "metadata offers code, id_token and id_token token, the grant implicit, and request_uri",
    async check({ metadata }) {
      const types = metadata.response_types_supported;
      assert.ok(Array.isArray(types));
      for (const type of ["code", "id_token"]) assert.ok(types.includes(type), type);
      assert.ok(types.some((type) => type.split(" ").sort().join(" ") === "id_token token"));
      const grants = metadata.grant_types_supported;
      assert.ok(grants === undefined || (Array.isArray(grants) && grants.includes("implicit")));
      assert.equal(metadata.request_uri_parameter_supported, true);
    },
  },
  {
    text: "registration without scope and application_type answers 201 with what was registered",
    async check(world) {
      const client = await register(world, { unknown_member: "x" });
      assert.ok(client.client_id && client.client_secret);
      assert.equal(typeof client.client_secret_expires_at, "number");
      assert.ok(client.registration_client_uri && client.registration_access_token);
      assert.deepEqual(client.redirect_uris, [CALLBACK]);
      const { answer } = await ask(client, world, { scope: SCOPES });
      assert.ok(answer.code);
    },
  },
  {
    text: "a fragment in redirect_uris is 400 with a JSON error",
    async check(world) {
      const redirect_uris = [`${CALLBACK}#fragment`];
      const { status, body } = await tryToRegister(world, { redirect_uris });
      assert.equal(status, 400);
      assert.match(String(body.error), /^invalid_(redirect_uri|client_metadata)$/);
    },
  },
  {
    text: "the registration can be read and deleted (204), and is gone then",
    async check(world) {
      const client = await register(world);
      const headers = { authorization: `Bearer ${client.registration_access_token}` };
      const read = await fetch(client.registration_client_uri, { headers });
      assert.equal(read.status, 200);
      assert.equal(JSON.parse(await read.text()).client_id, client.client_id);
      const deleted = await fetch(client.registration_client_uri, { method: "DELETE", headers });
      assert.equal(deleted.status, 204);
      assert.equal((await fetch(client.registration_client_uri, { headers })).status, 401);
    },
  },
  {
    text: "logo, policy and terms are on the sign-in page",
    async check(world) {
      const logo_uri = world.rp.publish("/logo.png", PICTURE, "image/png");
      const [policy_uri, tos_uri] = [`${world.rp.origin}/policy`, `${world.rp.origin}/tos`];
      const client = await register(world, { logo_uri, policy_uri, tos_uri });
      await world.rp.waitFor("/logo.png");
      const page = await world.browser().get(requestOf(client, world));
      assert.match(page.url.pathname, /\/sign-in$/);
      assert.ok(page.html.includes(policy_uri), "no link to the policy");
      assert.ok(page.html.includes(tos_uri), "no link to the terms");
      assert.match(page.html, /<img[^>]*\/logo\//, "no logo");
    },
  },
];

const subjects: Demand[] = [
  {
    text: "pairwise subjects differ by sector, need it for several hosts, and follow sector_identifier_uri",
    async check(world) {
      const supported = world.metadata.subject_types_supported;
      if (!Array.isArray(supported) || !supported.includes("pairwise")) return;
      const hosts = [CALLBACK, "https://other.rp.test/callback"];
      const several = { subject_type: "pairwise", redirect_uris: hosts };
      assert.equal((await tryToRegister(world, several)).status, 400);
      const uri = world.rp.publish("/sector.json", JSON.stringify(hosts));
      const one = await register(world, { ...several, sector_identifier_uri: uri });
      const two = await register(world, { subject_type: "pairwise" });
      const three = await register(world);
      const subs = [];
      for (const client of [one, two, three]) subs.push((await signIn(client, world)).claims.sub);
      assert.equal(new Set(subs).size, 3, subs.join(" "));
      const wrong = world.rp.publish("/other.json", JSON.stringify([hosts[1]]));
      const refused = await tryToRegister(world, { ...several, sector_identifier_uri: wrong });
      assert.equal(refused.status, 400);
    },
  },
  {
    text: "userinfo_signed_response_alg RS256 gives a JWT as application/jwt",
    async check(world) {
      const client = await register(world, { userinfo_signed_response_alg: "RS256" });
      const { tokens } = await signIn(client, world);
      const { type, text } = await userinfo(tokens.access_token, world);
      assert.match(type, /^application\/jwt/);
      assert.equal(text.split(".").length, 3);
    },
  },
  ...["ES256", "PS256", "EdDSA"].map(
    (alg): Demand => ({
      text: `ID tokens are signed with ${alg} where the client registered it`,
      async check(world) {
        const client = await register(world, { id_token_signed_response_alg: alg });
        const { header } = await signIn(client, world);
        assert.equal(header.alg, alg);
      },
    }),
  ),
];

/** Redeems a code with an assertion whose audience is this. */
async function redeemBy(
  client: Client,
  world: World,
  { aud, sign }: { aud: string; sign: (claims: JWTPayload) => Promise<string> },
) {
  const { client_id } = client;
  const { answer } = await ask(client, world);
  const exp = Math.floor(Date.now() / 1000) + 60;
  const claims = { iss: client_id, sub: client_id, aud, jti: randomUUID(), exp };
  return atToken(client, world, {
    grant_type: "authorization_code",
    code: answer.code ?? "",
    redirect_uri: CALLBACK,
    client_id,
    client_assertion_type: ASSERTION_TYPE,
    client_assertion: await sign(claims),
  });
}

const keys: Demand[] = [
  {
    text: "private_key_jwt works with the token endpoint and with the issuer as aud",
    async check(world) {
      const { jwk, sign } = await keyPair("RS256");
      const jwks = { keys: [jwk] };
      const client = await register(world, { token_endpoint_auth_method: "private_key_jwt", jwks });
      for (const aud of [world.metadata.token_endpoint, world.metadata.issuer]) {
        const { status, body } = await redeemBy(client, world, { aud, sign });
        assert.equal(status, 200, `${aud}: ${JSON.stringify(body)}`);
      }
    },
  },
  {
    text: "a new key at the client's jwks_uri is found within a minute",
    async check(world) {
      const path = `/${randomUUID()}/jwks`;
      const [first, second] = [await keyPair("RS256"), await keyPair("RS256")];
      const jwks_uri = world.rp.publish(path, JSON.stringify({ keys: [first.jwk] }));
      const method = { token_endpoint_auth_method: "private_key_jwt", jwks_uri };
      const client = await register(world, method);
      const aud = world.metadata.issuer;
      const before = await redeemBy(client, world, { aud, sign: first.sign });
      assert.equal(before.status, 200, JSON.stringify(before.body));
      world.rp.publish(path, JSON.stringify({ keys: [second.jwk] }));
      const until = Date.now() + NEW_KEY_WITHIN * 1000;
      let after = await redeemBy(client, world, { aud, sign: second.sign });
      while (after.status !== 200 && Date.now() < until) {
        await sleep(1000);
        after = await redeemBy(client, world, { aud, sign: second.sign });
      }
      assert.equal(after.status, 200, JSON.stringify(after.body));
    },
  },
  {
    text: "keys rotate publishes the new key beside the old one, and the old one goes on signing",
    by_command: true,
    async check(world) {
      const client = await register(world);
      const before = await world.keys();
      world.command?.(["keys", "rotate", "--alg", "RS256"]);
      const until = Date.now() + 10_000;
      let after = await world.keys();
      while (after.keys.length === before.keys.length && Date.now() < until) {
        await sleep(200);
        after = await world.keys();
      }
      const kids = after.keys.map(({ kid }) => kid);
      for (const { kid } of before.keys) assert.ok(kids.includes(kid), `${kid} is gone`);
      assert.ok(kids.length > before.keys.length, "no new key");
      const { header } = await signIn(client, world);
      assert.ok(
        before.keys.some(({ kid }) => kid === header.kid),
        "the new key signs at once",
      );
    },
  },
];

const objects: Demand[] = [
  {
    text: "a signed request object works, and its redirect_uri wins over the one outside",
    async check(world) {
      const { jwk, sign } = await keyPair("RS256");
      const client = await register(world, {
        jwks: { keys: [jwk] },
        request_object_signing_alg: "RS256",
        redirect_uris: [CALLBACK, `${CALLBACK}/two`],
      });
      const { client_id } = client;
      const redirect_uri = `${CALLBACK}/two`;
      const inside = { response_type: "code", client_id, scope: "openid", redirect_uri };
      const request = await sign({ ...inside, state: "inside", aud: world.metadata.issuer });
      const { page, answer } = await ask(client, world, { request, state: "outside" });
      assert.equal(page.url.pathname, "/callback/two");
      assert.equal(answer.state, "inside");
    },
  },
  {
    text: "an unsigned request object is refused",
    async check(world) {
      const client = await register(world);
      const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
      const request = `${encode({ alg: "none" })}.${encode({ client_id: client.client_id })}.`;
      const page = await world.browser().get(requestOf(client, world, { request }));
      assert.equal(answerOf(page).answer.error, "invalid_request_object", seenOn(page));
    },
  },
  {
    text: "a registered request_uri with a hash is fetched, and another address is refused",
    async check(world) {
      const { jwk, sign } = await keyPair("RS256");
      const redirect_uri = CALLBACK;
      const path = `/${randomUUID()}/request.jwt`;
      const request_uri = `${world.rp.origin}${path}`;
      const client = await register(world, {
        jwks: { keys: [jwk] },
        request_object_signing_alg: "RS256",
        request_uris: [request_uri],
      });
      const { client_id } = client;
      const inside = { response_type: "code", client_id, scope: "openid", redirect_uri };
      const object = await sign({ ...inside, state: "inside", aud: world.metadata.issuer });
      world.rp.publish(path, object, "application/oauth-authz-req+jwt");
      const { answer } = await ask(client, world, { request_uri });
      assert.equal(answer.state, "inside");
      const hash = createHash("sha256").update(object).digest("base64url");
      const hashed = await register(world, {
        jwks: { keys: [jwk] },
        request_uris: [`${request_uri}#${hash}`],
      });
      const of_other = await sign({ ...inside, client_id: hashed.client_id, state: "other" });
      world.rp.publish(path, of_other, "application/oauth-authz-req+jwt");
      const browser = world.browser();
      const asked = requestOf(hashed, world, { request_uri: `${request_uri}#${hash}` });
      const changed = await goOn(await browser.get(asked), browser, world);
      assert.ok(answerOf(changed).answer.error, "an object with another hash was taken");
      const elsewhere = `${world.rp.origin}/elsewhere.jwt`;
      const page = await world.browser().get(requestOf(client, world, { request_uri: elsewhere }));
      assert.match(answerOf(page).answer.error ?? "", /^invalid_request/);
    },
  },
];

export const dynamic: readonly Demand[] = [...registration, ...subjects, ...keys, ...objects];
