/** OpenID Connect Back-Channel Logout 1.0. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { createLocalJWKSet, jwtVerify } from "jose";
import { register, signIn } from "../client.ts";
import type { Demand } from "../demand.ts";

const EVENT = "http://schemas.openid.net/event/backchannel-logout";
const BYE = "https://rp.test/bye";

export const back_channel: readonly Demand[] = [
  {
    text: "metadata says that back-channel logout and its sessions are supported",
    async check({ metadata }) {
      assert.equal(metadata.backchannel_logout_supported, true);
      assert.equal(metadata.backchannel_logout_session_supported, true);
    },
  },
  {
    text: "a sign-out sends a logout token with the sid and sub of the ID token, over TLS 1.3",
    async check(world) {
      const path = `/${randomUUID()}/back-channel`;
      const client = await register(world, {
        post_logout_redirect_uris: [BYE],
        backchannel_logout_uri: `${world.rp.origin}${path}`,
        backchannel_logout_session_required: true,
      });
      const { browser, tokens, claims, header } = await signIn(client, world);
      assert.ok(claims.sid, "the ID token has no sid");
      const query = new URLSearchParams({
        id_token_hint: tokens.id_token,
        post_logout_redirect_uri: BYE,
      });
      await browser.get(`${world.metadata.end_session_endpoint}?${query}`);
      const { method, body, headers, protocol } = await world.rp.waitFor(path);
      assert.equal(method, "POST");
      assert.match(headers["content-type"] ?? "", /^application\/x-www-form-urlencoded/);
      const form = [...new URLSearchParams(body)];
      assert.deepEqual(
        form.map(([name]) => name),
        ["logout_token"],
      );
      const verified = await jwtVerify(form[0]?.[1] ?? "", createLocalJWKSet(await world.keys()), {
        issuer: world.metadata.issuer,
        audience: client.client_id,
        typ: "logout+jwt",
      });
      const { payload, protectedHeader } = verified;
      assert.equal(protectedHeader.alg, header.alg);
      assert.equal(payload.sid, claims.sid);
      assert.equal(payload.sub, claims.sub);
      assert.deepEqual(payload.events, { [EVENT]: {} });
      assert.ok(payload.jti && payload.iat && payload.exp);
      assert.equal(payload.nonce, undefined);
      assert.equal(protocol, "TLSv1.3");
    },
  },
];
