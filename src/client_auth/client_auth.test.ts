import assert from "node:assert/strict";
import { after, test } from "node:test";
import { contextOf, NATIVE, SERVICE, START, testServer, WEB } from "../../test/support/server.ts";
import type { Context } from "../context.ts";
import type { HttpRequest } from "../http/message.ts";
import { isConfidential } from "../oauth/client_metadata.ts";
import { parseForm } from "../oauth/params.ts";
import { authenticateClient } from "./client_auth.ts";

const server = await testServer();
after(() => server.close());
const ctx: Context = contextOf(server);
const ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const conf = await server.addClient(WEB);
const post = await server.addClient({ ...WEB, token_endpoint_auth_method: "client_secret_post" });
const pub = await server.addClient(NATIVE);
const off = await server.addClient(SERVICE, { disabled_at: START });
const jwks = { keys: [{ kty: "EC", crv: "P-256", x: "x", y: "y" }] };
const pkj = await server.addClient({
  ...SERVICE,
  token_endpoint_auth_method: "private_key_jwt",
  jwks,
});

interface Sent {
  basic?: readonly [string, string];
  authorization?: string;
  form?: Record<string, string>;
}
function authenticate({ basic, authorization, form = {} }: Sent) {
  const pair = basic && `Basic ${Buffer.from(basic.join(":")).toString("base64")}`;
  const body = new URLSearchParams(form).toString();
  const request: HttpRequest = {
    method: "POST",
    path: "/token",
    query: "",
    header: (name) => (name === "authorization" ? (authorization ?? pair) : undefined),
    body,
    origin: "https://as.test",
    address: "203.0.113.7",
  };
  return authenticateClient(request, { params: parseForm(body, 100), grant_in: null }, ctx);
}
const withPost = ({ client_id, client_secret }: typeof post) => ({ client_id, client_secret });

test("a client authenticates by its registered method", async () => {
  for (const [sent, expected] of [
    [{ basic: [conf.client_id, conf.client_secret] }, conf],
    [{ basic: [conf.client_id, conf.client_secret], form: { client_id: conf.client_id } }, conf],
    [{ form: withPost(post) }, post],
    // the two methods with a secret are interchangeable
    [{ form: withPost(conf) }, conf],
    [{ basic: [post.client_id, post.client_secret] }, post],
    [{ form: { client_id: pub.client_id } }, pub],
    [{ form: { client_id: pub.client_id, client_secret: "" } }, pub],
    [{ authorization: "Bearer x", form: { client_id: pub.client_id } }, pub],
  ] as [Sent, typeof conf][])
    assert.deepEqual((await authenticate(sent)).client, expected.record, JSON.stringify(sent));
});

test("K2, K3, F7: every other client authentication is refused", async () => {
  const { client_id, client_secret } = conf;
  const claims = Buffer.from(JSON.stringify({ iss: conf.client_id, sub: conf.client_id }));
  const client_assertion = `e30.${claims.toString("base64url")}.x`;
  const asserted = { client_assertion, client_assertion_type: ASSERTION };
  for (const [sent, error] of [
    [{}, "invalid_client"],
    [{ form: { client_secret } }, "invalid_client"],
    [{ form: { client_id: "unknown" } }, "invalid_client"],
    [{ form: { client_id: "__proto__" } }, "invalid_client"],
    [{ basic: ["unknown", client_secret] }, "invalid_client"],
    [{ basic: [client_id, "wrong"] }, "invalid_client"],
    [{ basic: [client_id, ""] }, "invalid_client"],
    [{ basic: [client_id, " "] }, "invalid_client"],
    [{ basic: [client_id, post.client_secret] }, "invalid_client"],
    [{ basic: ["", client_secret] }, "invalid_client"],
    [{ authorization: "Basic !!!" }, "invalid_client"],
    [{ authorization: "Bearer x" }, "invalid_client"],
    // no secret although one is registered, or in the wrong place
    [{ form: { client_id } }, "invalid_client"],
    [{ form: { client_id, client_secret: "" } }, "invalid_client"],
    [{ form: { client_id, client_secret: " " } }, "invalid_client"],
    [{ form: { ...withPost(post), client_secret: "wrong" } }, "invalid_client"],
    [{ form: { client_id: post.client_id } }, "invalid_client"],
    [{ basic: [post.client_id, "wrong"] }, "invalid_client"],
    [{ form: { client_id, client_secret: post.client_secret } }, "invalid_client"],
    // a public client has no secret to show
    [{ basic: [pub.client_id, ""] }, "invalid_client"],
    [{ form: { client_id: pub.client_id, client_secret: "x" } }, "invalid_client"],
    [{ form: { client_id: pkj.client_id } }, "invalid_client"],
    [{ form: { client_id: pkj.client_id, client_secret: pkj.client_secret } }, "invalid_client"],
    [{ form: asserted }, "invalid_client"],
    [{ form: { ...asserted, client_assertion: "x" } }, "invalid_client"],
    [{ basic: [off.client_id, off.client_secret] }, "invalid_client"],
    // more than one way, or two names
    [{ basic: [client_id, client_secret], form: { client_secret } }, "invalid_request"],
    [{ basic: [client_id, client_secret], form: { client_id: post.client_id } }, "invalid_request"],
    [{ basic: [client_id, client_secret], form: { client_id: pub.client_id } }, "invalid_request"],
    [{ basic: [client_id, client_secret], form: asserted }, "invalid_request"],
    [{ form: { ...withPost(post), ...asserted } }, "invalid_request"],
    [{ form: { ...asserted, client_id: pub.client_id } }, "invalid_request"],
  ] as [Sent, string][])
    await assert.rejects(authenticate(sent), { error }, JSON.stringify(sent));
});

test("a client that uses another method is told the registered one", async () => {
  const { client_id } = conf;
  const { client_secret } = pkj;
  for (const [sent, registered] of [
    [{ form: { client_id } }, "client_secret_basic"],
    [{ form: { client_id: post.client_id } }, "client_secret_post"],
    [{ form: { client_id: pkj.client_id, client_secret } }, "private_key_jwt"],
    [{ basic: [pub.client_id, "x"] }, "none"],
  ] as [Sent, string][])
    await assert.rejects(authenticate(sent), { message: `client is registered for ${registered}` });
});

test("the proof names its method", async () => {
  for (const [sent, method] of [
    [{ basic: [post.client_id, post.client_secret] }, "client_secret_basic"],
    [{ form: withPost(conf) }, "client_secret_post"],
    [{ form: { client_id: pub.client_id } }, "none"],
  ] as [Sent, string][])
    assert.deepEqual((await authenticate(sent)).proof, { method });
});

test("a challenge is sent only in answer to an Authorization header", async () => {
  const { client_id } = conf;
  const challenge = [["www-authenticate", `Basic realm="${ctx.issuer}"`]];
  for (const [sent, headers] of [
    [{ basic: [client_id, "wrong"] }, challenge],
    [{ basic: ["unknown", "wrong"] }, challenge],
    [{ authorization: "Basic !!!" }, challenge],
    [{ authorization: "Bearer x" }, challenge],
    [{ basic: [off.client_id, off.client_secret] }, challenge],
    [{}, []],
    [{ form: { client_id } }, []],
    [{ form: { client_id, client_secret: "wrong" } }, []],
    [{ form: { client_id: "unknown", client_secret: "wrong" } }, []],
    // not a failed authentication: another header would not help
    [{ basic: [client_id, "wrong"], form: { client_secret: "wrong" } }, []],
  ] as [Sent, unknown][])
    await assert.rejects(authenticate(sent), { headers }, JSON.stringify(sent));
});

test("a wrong secret and an unknown client get the same message", async () => {
  const message = (sent: Sent) =>
    authenticate(sent).then(
      () => assert.fail("was let in"),
      (error: unknown) => (error instanceof Error ? error.message : ""),
    );
  assert.equal(
    await message({ basic: [conf.client_id, "wrong"] }),
    await message({ basic: ["unknown", "wrong"] }),
  );
});

test("K15: neither message nor reason contains a secret", async () => {
  const marker = "marker-of-a-secret";
  for (const sent of [
    { basic: [conf.client_id, marker] },
    { basic: ["unknown", marker] },
    { form: { client_id: post.client_id, client_secret: marker } },
    { form: { client_assertion: marker, client_assertion_type: ASSERTION } },
    { authorization: `Basic ${marker}!` },
  ] as Sent[])
    await assert.rejects(
      authenticate(sent),
      (error) =>
        error instanceof Error &&
        "reason" in error &&
        !`${error.message}${JSON.stringify(error.reason)}`.includes(marker),
    );
});

test("only a public client proves nothing", () => {
  const by = (token_endpoint_auth_method: string) => isConfidential({ token_endpoint_auth_method });
  assert.equal(by("none"), false);
  for (const method of ["client_secret_basic", "client_secret_post", "private_key_jwt"] as const)
    assert.equal(by(method), true);
});
