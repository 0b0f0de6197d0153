/** Tokens in the front channel (OpenID Connect Core §3.2, §3.3, profiles Implicit OP and Hybrid OP). */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { ask, type Client, redeem, register, requestOf, SCOPES, userinfo } from "../client.ts";
import type { Demand } from "../demand.ts";
import { answerOf, verifyIdToken, type World } from "../world.ts";

const nonce = "n-0S6_WzA2Mj";
/** OpenID Connect Core §3.1.3.6, for algorithms with SHA-256. */
const half = (text: string): string =>
  createHash("sha256").update(text).digest().subarray(0, 16).toString("base64url");

const registering = (response_type: string, world: World): Promise<Client> =>
  register(world, {
    response_types: [response_type],
    grant_types: response_type.includes("code") ? ["authorization_code", "implicit"] : ["implicit"],
  });

const flow = (response_type: string): Demand[] => [
  {
    text: `response_type=${response_type} answers in the fragment with what it names`,
    async check(world) {
      const client = await registering(response_type, world);
      const { answer, mode } = await ask(client, world, { response_type, nonce });
      assert.equal(mode, "fragment");
      const parts = response_type.split(" ");
      assert.equal("code" in answer, parts.includes("code"));
      assert.equal("id_token" in answer, parts.includes("id_token"));
      assert.equal("access_token" in answer, parts.includes("token"));
      if (answer.access_token) {
        assert.match(answer.token_type ?? "", /^bearer$/i);
        assert.equal((await userinfo(answer.access_token, world)).status, 200);
      }
      if (answer.id_token) {
        const { claims } = await verifyIdToken(answer.id_token, client.client_id, world);
        assert.equal(claims.nonce, nonce);
        if (answer.access_token) assert.equal(claims.at_hash, half(answer.access_token));
        if (answer.code) assert.equal(claims.c_hash, half(answer.code));
      }
      if (answer.code) assert.ok((await redeem(client, world, answer.code)).id_token);
    },
  },
  ...(response_type.includes("id_token")
    ? [
        {
          text: `response_type=${response_type} without nonce is invalid_request`,
          async check(world: World) {
            const client = await registering(response_type, world);
            const page = await world.browser().get(requestOf(client, world, { response_type }));
            assert.equal(answerOf(page).answer.error, "invalid_request");
          },
        },
      ]
    : []),
  {
    text: `response_type=${response_type} is refused for a client that did not register it`,
    async check(world) {
      const client = await register(world);
      const asked = requestOf(client, world, { response_type, nonce });
      const { answer, mode } = answerOf(await world.browser().get(asked));
      assert.equal(mode, "fragment");
      assert.match(answer.error ?? "", /^(unauthorized_client|unsupported_response_type)$/);
    },
  },
  {
    text: `response_type=${response_type} works with form_post`,
    async check(world) {
      const client = await registering(response_type, world);
      const asked = { response_type, nonce, response_mode: "form_post" };
      const { answer, mode } = await ask(client, world, asked);
      assert.equal(mode, "form_post");
      assert.equal(answer.error, undefined, JSON.stringify(answer));
    },
  },
];

export const implicit: readonly Demand[] = [
  ...["id_token", "id_token token"].flatMap(flow),
  {
    text: "response_type=id_token carries the claims of its scopes, since there is no userinfo",
    async check(world) {
      const response_type = "id_token";
      const client = await registering(response_type, world);
      const { answer } = await ask(client, world, { response_type, nonce, scope: SCOPES });
      const { claims } = await verifyIdToken(answer.id_token ?? "", client.client_id, world);
      assert.ok(claims.email && claims.name);
    },
  },
];

export const hybrid: readonly Demand[] = [
  "code id_token",
  "code token",
  "code id_token token",
].flatMap(flow);
