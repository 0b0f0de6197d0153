/** The code flow (OpenID Connect Core §3.1, §5.3, §12, profile Basic OP): tokens and userinfo. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { ask, atToken, CALLBACK, redeem, register, SCOPES, signIn, userinfo } from "../client.ts";
import type { Demand } from "../demand.ts";
import { verifyIdToken } from "../world.ts";

const CLAIMS = [
  ...["name", "family_name", "given_name", "middle_name", "nickname", "preferred_username"],
  ...["profile", "picture", "website", "gender", "birthdate", "zoneinfo", "locale", "updated_at"],
  ...["email", "email_verified", "address", "phone_number", "phone_number_verified"],
];
const ALLOWED = /^[\x20-\x21\x23-\x5b\x5d-\x7e]*$/;

export const tokens: readonly Demand[] = [
  {
    text: "client_secret_post works for a client that registered it",
    async check(world) {
      const client = await register(world, { token_endpoint_auth_method: "client_secret_post" });
      assert.ok((await signIn(client, world)).tokens.id_token);
    },
  },
  {
    text: "a request with PKCE (S256) works, and needs the verifier",
    async check(world) {
      const client = await register(world);
      const verifier = "certify-0123456789-0123456789-0123456789-0123456789";
      const code_challenge = createHash("sha256").update(verifier).digest("base64url");
      const asked = { code_challenge, code_challenge_method: "S256" };
      const { answer } = await ask(client, world, asked);
      const wrong = await atToken(client, world, {
        grant_type: "authorization_code",
        code: answer.code ?? "",
        redirect_uri: CALLBACK,
      });
      assert.equal(wrong.status, 400);
      assert.ok(await redeem(client, world, answer.code, { code_verifier: verifier }));
    },
  },
  {
    text: "a code that is used again is 400 invalid_grant, and its access token is dead afterwards",
    async check(world) {
      const client = await register(world);
      const { answer, tokens: first } = await signIn(client, world, { scope: SCOPES });
      assert.equal((await userinfo(first.access_token, world)).status, 200);
      const again = await atToken(client, world, {
        grant_type: "authorization_code",
        code: answer.code ?? "",
        redirect_uri: CALLBACK,
      });
      assert.equal(again.status, 400);
      assert.equal(again.body.error, "invalid_grant");
      assert.match(String(again.body.error_description), ALLOWED);
      assert.equal((await userinfo(first.access_token, world)).status, 401);
    },
  },
  {
    text: "token answers are JSON with Cache-Control: no-store",
    async check(world) {
      const client = await register(world);
      const { answer } = await ask(client, world);
      const { status, headers } = await atToken(client, world, {
        grant_type: "authorization_code",
        code: answer.code ?? "",
        redirect_uri: CALLBACK,
      });
      assert.equal(status, 200);
      assert.match(headers.get("cache-control") ?? "", /no-store/);
      assert.match(headers.get("content-type") ?? "", /application\/json/);
    },
  },
  {
    text: "a refresh, with and without scope, keeps iss, sub, aud and auth_time, with a new iat",
    async check(world) {
      const client = await register(world);
      const first = await signIn(client, world, { scope: SCOPES });
      for (const extra of [{}, { scope: "openid" }]) {
        const { status, body } = await atToken(client, world, {
          grant_type: "refresh_token",
          refresh_token: first.tokens.refresh_token ?? "",
          ...extra,
        });
        assert.equal(status, 200, JSON.stringify(body));
        assert.ok(body.access_token);
        if (body.id_token === undefined) continue;
        const { claims } = await verifyIdToken(String(body.id_token), client.client_id, world);
        for (const name of ["iss", "sub", "aud", "auth_time", "azp"])
          assert.deepEqual(claims[name], first.claims[name], name);
      }
    },
  },
  {
    text: "another client's refresh token is 400 invalid_grant",
    async check(world) {
      const [one, two] = [await register(world), await register(world)];
      const { tokens: of_two } = await signIn(two, world, { scope: SCOPES });
      const { status, body } = await atToken(one, world, {
        grant_type: "refresh_token",
        refresh_token: of_two.refresh_token ?? "",
      });
      assert.equal(status, 400);
      assert.equal(body.error, "invalid_grant");
    },
  },
  {
    text: "userinfo answers GET, POST with a header and POST with a form, with the sub of the ID token",
    async check(world) {
      const client = await register(world);
      const { tokens: given, claims } = await signIn(client, world);
      const { access_token } = given;
      const authorization = `Bearer ${access_token}`;
      const ways: RequestInit[] = [
        { headers: { authorization } },
        { method: "POST", headers: { authorization } },
        { method: "POST", headers: {}, body: new URLSearchParams({ access_token }) },
      ];
      for (const way of ways) {
        const told = await userinfo(access_token, world, way);
        assert.equal(told.status, 200, told.text);
        assert.equal(told.claims.sub, claims.sub);
      }
    },
  },
  {
    text: "every claim of profile, email, address and phone has a value of its type, none null or empty",
    async check(world) {
      const client = await register(world);
      const { tokens: given } = await signIn(client, world, { scope: SCOPES });
      const { claims, text } = await userinfo(given.access_token, world);
      const missing = CLAIMS.filter((name) => !(name in claims));
      assert.deepEqual(missing, [], text);
      for (const [name, value] of Object.entries(claims))
        assert.ok(value !== null && value !== "", name);
      assert.equal(typeof claims.email_verified, "boolean");
      assert.equal(typeof claims.phone_number_verified, "boolean");
      assert.equal(typeof claims.updated_at, "number");
      assert.equal(typeof claims.address, "object");
      assert.match(String(claims.birthdate), /^\d{4}-\d\d-\d\d$/);
    },
  },
];
