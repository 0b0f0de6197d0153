/** OAuth 2.0 Form Post Response Mode (profile Form Post OP). */
import assert from "node:assert/strict";
import { ask, register, requestOf, signIn } from "../client.ts";
import type { Demand } from "../demand.ts";
import { answerOf, seenOn } from "../world.ts";

const response_mode = "form_post";

export const form_post: readonly Demand[] = [
  {
    text: "the code comes in a form: POST, nothing in the query, with state and iss",
    async check(world) {
      const client = await register(world);
      const { answer, mode, page } = await ask(client, world, { response_mode });
      assert.equal(mode, "form_post");
      assert.ok(answer.code && answer.iss === world.metadata.issuer, JSON.stringify(answer));
      assert.match(page.html, /<form[^>]*method="post"/i);
      assert.match(page.html, /action="https:\/\/rp\.test\/callback"/);
    },
  },
  {
    text: "the form has a visible button for browsers without script",
    async check(world) {
      const client = await register(world);
      const { page } = await ask(client, world, { response_mode });
      const visible = page.html.replaceAll(/<noscript>[\s\S]*?<\/noscript>/g, "");
      assert.match(visible, /<button(?![^>]*hidden)[^>]*>/, seenOn(page));
    },
  },
  {
    text: "the tokens of such a code are those of the code flow",
    async check(world) {
      const client = await register(world);
      const { claims } = await signIn(client, world, { response_mode });
      assert.ok(claims.sub);
    },
  },
  ...[
    { text: "prompt=none without a session", asked: { prompt: "none" } },
    { text: "a missing response_type", asked: { response_type: undefined } },
  ].map(
    ({ text, asked }): Demand => ({
      text: `the error of ${text} comes in a form too`,
      async check(world) {
        const client = await register(world);
        const page = await world
          .browser()
          .get(requestOf(client, world, { response_mode, ...asked }));
        const { answer, mode } = answerOf(page);
        assert.equal(mode, "form_post");
        assert.ok(answer.error, JSON.stringify(answer));
      },
    }),
  ),
  {
    text: "a refused request object is answered in a form when only the object asks for one, with its state",
    async check(world) {
      const client = await register(world);
      const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
      const { client_id } = client;
      const inside = { response_type: "code", client_id, response_mode, state: "inside" };
      const request = `${encode({ alg: "none" })}.${encode(inside)}.`;
      const asked = requestOf(client, world, { request, state: undefined });
      const { answer, mode } = answerOf(await world.browser().get(asked));
      assert.equal(mode, "form_post");
      assert.equal(answer.state, "inside");
      assert.ok(answer.error, JSON.stringify(answer));
    },
  },
];
