/** The option `fetch`, and what `session.fetch` sends. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { openSession, signIn } from "../../../src/sdk/client/terminal/terminal.ts";
import { demoBrowser } from "../../support/demo_browser.ts";
import { tracedFetch } from "../traced_fetch.ts";
import { ADDRESS } from "./address.ts";
import { AT_A_DESK, CLIENT, environment } from "./scene.ts";
import { scene } from "./signing.ts";

test("`fetch` sends all requests, from the sign-in to its end", async (t) => {
  const { issuer, ui, options } = await scene(t, AT_A_DESK);
  const { fetch, asked } = tracedFetch(t);
  const signing = signIn({ ...options, fetch });
  const [, address = ""] = await ui.sees(ADDRESS);
  await demoBrowser().get(address);
  await signing;
  const session = await openSession({ ...options, fetch });
  await session?.token({ minimumLife: 100_000 });
  await session?.fetch(`${issuer.issuer}/userinfo`, { method: "POST" });
  await session?.signOut();
  assert.deepEqual(asked, [
    ...["GET /.well-known/openid-configuration", "POST /token", "GET /userinfo"],
    ...["GET /.well-known/openid-configuration", "POST /token", "POST /userinfo", "POST /revoke"],
  ]);
});

test("`fetch` sends the requests of credentials from the environment, too", async (t) => {
  const robot = { client_id: "robot", client_secret: "the secret of the robot" };
  const { issuer, options } = await scene(t, AT_A_DESK, {
    clients: [CLIENT, { ...robot, grant_types: ["client_credentials"] }],
  });
  const { fetch, asked } = tracedFetch(t);
  environment(t, { SNAPS_CLIENT_ID: "robot", SNAPS_CLIENT_SECRET: robot.client_secret });
  await (await signIn({ ...options, fetch })).fetch(new URL(`${issuer.issuer}/userinfo`));
  environment(t, { SNAPS_TOKEN: "a-token" });
  await (await signIn({ ...options, fetch })).fetch(`${issuer.issuer}/userinfo`);
  assert.deepEqual(asked, [
    ...["GET /.well-known/openid-configuration", "POST /token", "GET /userinfo"],
    "GET /userinfo",
  ]);
});

test("a refused request is sent again with its method, headers and body, but for a stream", async (t) => {
  const { options } = await scene(t, AT_A_DESK, {
    clients: [
      {
        client_id: "robot",
        client_secret: "the secret of the robot",
        grant_types: ["client_credentials"],
      },
    ],
  });
  environment(t, { SNAPS_CLIENT_ID: "robot", SNAPS_CLIENT_SECRET: "the secret of the robot" });
  const sent: string[] = [];
  const real = globalThis.fetch;
  const session = await signIn({
    ...options,
    async fetch(input, init) {
      const request = new Request(input, init);
      if (new URL(request.url).hostname !== "api.test") return real(input, init);
      const type = request.headers.get("content-type");
      sent.push(
        `${request.method} ${type} ${request.headers.get("x-mine")} ${await request.text()}`,
      );
      return new Response(null, { status: 401 });
    },
  });
  const headers = { "x-mine": "1", "content-type": "text/x" };
  const init = { method: "PUT", headers, body: "photo" };
  for (const body of ["photo", new Blob(["photo"])])
    await session.fetch("https://api.test/", { ...init, body });
  await session.fetch(new Request("https://api.test/", init));
  await session.fetch(new Request("https://api.test/", { ...init, method: "POST" }), {
    method: "PUT",
  });
  assert.deepEqual(sent, Array(8).fill("PUT text/x 1 photo"));
  sent.splice(0);
  const stream = new Blob(["photo"]).stream();
  const streaming = { ...init, body: stream, duplex: "half" } as const;
  assert.equal((await session.fetch("https://api.test/", streaming)).status, 401);
  assert.deepEqual(sent, ["PUT text/x 1 photo"]);
});
