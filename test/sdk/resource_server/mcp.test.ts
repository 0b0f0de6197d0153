/** The rules of `valetkey/resource-server/mcp`. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import {
  type AuthInfo,
  type McpOptions,
  mcp,
  verifier,
} from "../../../src/sdk/resource_server/mcp.ts";
import { protect } from "../../../src/sdk/resource_server/protect.ts";
import { startIssuer } from "../../../src/testing/testing.ts";
import { failure } from "../failure.ts";
import { AUDIENCE, fakeIssuer } from "./fake_issuer.ts";
import { paramsOf } from "./scene.ts";

const audience = "https://notes.test/api/mcp";
const about = "https://notes.test/.well-known/oauth-protected-resource/api/mcp";
const issuer = await startIssuer();
after(() => issuer.close());
const options: McpOptions = {
  ...{ issuer: issuer.issuer, audience, name: "Notes", scopes: ["notes.read"] },
  tools: { write_note: ["notes.write"], delete_all: ["notes.write", "notes.delete"] },
};
const token = (scope = "notes.read") => issuer.tokenFor("ada", { audience, scope });
const MOST = 4_194_304;

interface Seen {
  authInfo: AuthInfo;
  parsedBody?: unknown;
  request: Request;
}

/** A server whose tools do nothing but write down that they ran. */
function server(given: Partial<McpOptions> = {}) {
  const seen: Seen[] = [];
  const fetch = mcp(
    { ...options, ...given },
    {
      async fetch(request, more) {
        seen.push({ ...more, request });
        return new Response("it ran");
      },
    },
  );
  async function post(body: string, authorization?: string, type = "application/json") {
    const headers = new Headers({ "content-type": type });
    if (authorization !== undefined) headers.set("authorization", authorization);
    const answer = await fetch(new Request(audience, { method: "POST", headers, body }));
    return {
      status: answer.status,
      text: await answer.text(),
      challenge: paramsOf(answer.headers.get("www-authenticate") ?? ""),
    };
  }
  return { seen, fetch, post };
}

const call = (name: unknown, id = 1) => ({
  ...{ jsonrpc: "2.0", id, method: "tools/call" },
  params: { name, arguments: {} },
});
const bearer = async (scope?: string) => `Bearer ${await token(scope)}`;

test("the metadata of a server with a path stand in front of the path, for everybody (RFC 9728)", async () => {
  const { fetch, seen } = server();
  const answer = await fetch(new Request(about));
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get("access-control-allow-origin"), "*");
  assert.deepEqual(await answer.json(), {
    resource: audience,
    authorization_servers: [issuer.issuer],
    // The scopes of single tools are not there: apps ask for these when they need them.
    scopes_supported: ["notes.read"],
    bearer_methods_supported: ["header"],
    resource_name: "Notes",
  });
  assert.equal(seen.length, 0);
});

test("a request without a token, or with a bad one, reaches no tool and says where to get one", async () => {
  const { post, seen } = server();
  const none = await post(JSON.stringify(call("list_notes")));
  assert.equal(none.status, 401);
  assert.deepEqual(none.challenge, { scope: "notes.read", resource_metadata: about });
  const bad = await post(JSON.stringify(call("list_notes")), "Bearer x.y.z");
  assert.equal(bad.status, 401);
  assert.equal(bad.challenge.error, "invalid_token");
  const other = await issuer.tokenFor("ada", {
    audience: "https://notes.test",
    scope: "notes.read",
  });
  assert.equal((await post("{}", `Bearer ${other}`)).status, 401);
  assert.equal(seen.length, 0);
});

test("a body is read only for a token that is enough", async () => {
  const { fetch } = server();
  const body = new ReadableStream({ pull: () => assert.fail("it was read") }, { highWaterMark: 0 });
  const request = (authorization: string) =>
    new Request(audience, {
      ...{ method: "POST", headers: { authorization }, body },
      ...{ duplex: "half" },
    });
  assert.equal((await fetch(request("Bearer x.y.z"))).status, 401);
  assert.equal((await fetch(request(await bearer("openid")))).status, 403);
});

test("a tool learns token, app, scopes, expiry, resource, metadata and all claims", async () => {
  const { post, seen } = server();
  const mine = await token();
  assert.equal((await post(JSON.stringify(call("list_notes")), `Bearer ${mine}`)).status, 200);
  const [first] = seen;
  assert.ok(first);
  const { authInfo } = first;
  assert.equal(authInfo.token, mine);
  assert.deepEqual(authInfo.scopes, ["notes.read"]);
  assert.equal(authInfo.resource.href, audience);
  assert.equal(authInfo.resourceMetadataUrl, about);
  const claims = JSON.parse(Buffer.from(mine.split(".")[1] ?? "", "base64url").toString());
  assert.deepEqual(authInfo.extra, claims);
  assert.deepEqual([authInfo.clientId, authInfo.expiresAt], [claims.client_id, claims.exp]);
  assert.deepEqual(first.parsedBody, call("list_notes"));
});

test("a tool can't change what the next request may do", async () => {
  const { post, seen } = server();
  const authorization = await bearer();
  await post("{}", authorization);
  const { authInfo } = seen[0] ?? assert.fail();
  authInfo.scopes.push("notes.write");
  authInfo.extra.sub = "somebody else";
  authInfo.resource.pathname = "/other";
  assert.equal((await post(JSON.stringify(call("write_note")), authorization)).status, 403);
  await post("{}", authorization);
  assert.notEqual(seen[1]?.authInfo.extra.sub, "somebody else");
  assert.equal(seen[1]?.authInfo.resource.href, audience);
});

test("who acts for the person is passed on (act, RFC 8693)", async () => {
  await using fake = await fakeIssuer();
  const act = { sub: "agent", act: { sub: "another" } };
  const signed = await fake.sign({ ...fake.claims, act });
  const seen: unknown[] = [];
  const fetch = mcp(fake.options, {
    fetch: async (_request, { authInfo }) => {
      seen.push(authInfo.extra.act);
      return new Response();
    },
  });
  await fetch(new Request(AUDIENCE, { headers: { authorization: `Bearer ${signed}` } }));
  assert.deepEqual(seen, [act]);
});

test("a tool with scopes of its own: 403 that names what the token has and what is missing", async () => {
  const { post, seen } = server();
  const refused = await post(JSON.stringify(call("delete_all")), await bearer());
  assert.equal(refused.status, 403);
  assert.deepEqual(refused.challenge, {
    error: "insufficient_scope",
    error_description: "notes.write notes.delete is missing",
    scope: "notes.read notes.write notes.delete",
    resource_metadata: about,
  });
  assert.equal(seen.length, 0);
  const again = await post(
    JSON.stringify(call("delete_all")),
    await bearer(refused.challenge.scope),
  );
  assert.equal(again.status, 200);
});

test("a batch needs the scopes of all tools that it calls", async () => {
  const { post, seen } = server();
  const batch = JSON.stringify([call("list_notes"), 7, null, call("write_note", 2)]);
  const refused = await post(batch, await bearer());
  assert.equal(refused.status, 403);
  assert.equal(refused.challenge.scope, "notes.read notes.write");
  assert.equal((await post(batch, await bearer("notes.read notes.write"))).status, 200);
  assert.deepEqual(seen[0]?.parsedBody, JSON.parse(batch));
});

test("other methods, other names and other JSON are for the handler to judge", async () => {
  const { post, seen } = server();
  const authorization = await bearer();
  const bodies = [
    ...[7, null, "text", [], {}, { method: "tools/call" }, { method: "tools/call", params: [] }],
    ...[call("toString"), call("__proto__"), call(["write_note"]), call("unknown")],
    { jsonrpc: "2.0", id: 1, method: "prompts/get", params: { name: "write_note" } },
  ];
  for (const body of bodies) {
    const { status } = await post(JSON.stringify(body), authorization);
    assert.equal(status, 200, JSON.stringify(body));
    assert.deepEqual(seen.at(-1)?.parsedBody, body);
  }
});

test("a media type hides no call", async () => {
  const { post } = server();
  for (const type of ["text/plain", "", "application/x-www-form-urlencoded"])
    assert.equal(
      (await post(JSON.stringify(call("write_note")), await bearer(), type)).status,
      403,
      type,
    );
});

test("a body that is no JSON is a parse error of JSON-RPC, and the handler does not see it", async () => {
  const { post, seen } = server();
  for (const body of ["", "{", `${JSON.stringify(call("write_note"))}x`]) {
    const { status, text } = await post(body, await bearer());
    assert.equal(status, 400);
    assert.deepEqual(
      [JSON.parse(text).jsonrpc, JSON.parse(text).error.code, JSON.parse(text).id],
      ["2.0", -32_700, null],
    );
  }
  assert.equal(seen.length, 0);
});

test("a body has at most 4 MB", async () => {
  const { post, seen } = server();
  const authorization = await bearer();
  const text = (length: number) => JSON.stringify("x".repeat(length - 2));
  assert.equal((await post(text(MOST), authorization)).status, 200);
  const { status, text: answer } = await post(text(MOST + 1), authorization);
  assert.equal(status, 413);
  assert.match(answer, /more than 4194304 bytes/);
  assert.equal(seen.length, 1);
});

test("without scopes for tools, and without a body, the request is handed on as it is", async () => {
  const { post, seen, fetch } = server({ tools: {} });
  const authorization = await bearer();
  await post("no JSON", authorization);
  const { request, ...more } = seen[0] ?? assert.fail();
  assert.deepEqual(Object.keys(more), ["authInfo"]);
  assert.equal(await request.text(), "no JSON");
  await fetch(new Request(audience, { headers: { authorization } }));
  assert.equal(seen.length, 2);
  const with_tools = server();
  await with_tools.fetch(new Request(audience, { headers: { authorization } }));
  assert.deepEqual(Object.keys(with_tools.seen[0] ?? {}).toSorted(), ["authInfo", "request"]);
});

test("an audience that is no URL is an error of the configuration", () => {
  const named = { ...options, audience: "notes" };
  const handler = { fetch: async () => new Response() };
  const expected = failure("configuration", /the audience "notes" is no URL/);
  assert.throws(() => mcp(named, handler), expected);
  assert.throws(() => verifier(protect(named), (reason) => new Error(reason)), expected);
});

class Refused extends Error {
  readonly error: string;
  constructor(reason: string, error: string) {
    super(reason);
    this.error = error;
  }
}

test("a verifier tells the same about a token, and checks the needs of its guard", async () => {
  const { tools: _, ...rest } = options;
  const refuse = (reason: string, code: string) => new Refused(reason, code);
  const { verifyAccessToken } = verifier(protect({ ...rest, maxAge: 60 }), refuse);
  const mine = await token();
  const { extra, resource, resourceMetadataUrl, ...info } = await verifyAccessToken(mine);
  assert.deepEqual([info.token, info.scopes], [mine, ["notes.read"]]);
  assert.deepEqual([resource.href, resourceMetadataUrl], [audience, about]);
  assert.equal(typeof extra.sub, "string");
  const refusals = [
    ["x.y.z", "invalid_token"],
    ["two words", "invalid_token"],
    [await token("openid"), "insufficient_scope"],
  ] as const;
  for (const [text, error] of refusals)
    await assert.rejects(verifyAccessToken(text), (thrown) => {
      assert.ok(thrown instanceof Refused);
      assert.equal(thrown.error, error);
      return thrown.message.length > 0;
    });
  issuer.clock.advance(61);
  await assert.rejects(verifyAccessToken(mine), { error: "insufficient_user_authentication" });
});

test("an issuer that is away makes no token bad", async () => {
  const fake = await fakeIssuer();
  const signed = await fake.sign(fake.claims);
  await fake[Symbol.asyncDispose]();
  const guard = protect(fake.options);
  const { verifyAccessToken } = verifier(guard, (reason, code) => new Refused(reason, code));
  const expected = failure("issuer_unreachable", /does not answer/, { retryable: true });
  await assert.rejects(verifyAccessToken(signed), expected);
  const fetch = mcp(fake.options, {
    fetch: async () => new Response(),
  });
  const headers = { authorization: `Bearer ${signed}` };
  assert.equal((await fetch(new Request(AUDIENCE, { headers }))).status, 503);
});
