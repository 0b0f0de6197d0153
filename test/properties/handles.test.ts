/** Codes, tokens and scopes have one spelling: anything close to it is refused. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import fc from "fast-check";
import { formatScope, parseScope } from "../../src/oauth/scope.ts";
import { isGenuine, issueHandle, parseHandle } from "../../src/tokens/handle.ts";
import { tokensFor, userinfo } from "../support/flow.ts";
import { NATIVE, type TestServer, testServer } from "../support/server.ts";

let server: TestServer;
let codes: { code: string; refresh_token: string; access_token: string };
before(async () => {
  server = await testServer();
  await server.addUser("ada");
  const client = await server.addClient(NATIVE);
  const parameters = { redirect_uri: "http://127.0.0.1:1234/callback" };
  codes = await tokensFor(server, client, { parameters });
});
after(() => server.close());

/** The text with something removed, inserted, or both. */
const altered = (text: string): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.nat({ max: text.length }),
      fc.oneof(fc.string({ maxLength: 2 }), fc.constantFrom("=", "\n", "+", "/", " ", "A", "_")),
      fc.nat({ max: 2 }),
    )
    .map(([at, put, cut]) => text.slice(0, at) + put + text.slice(at + cut));

test("a code or refresh token altered anywhere is refused", async () => {
  for (const text of [codes.code, codes.refresh_token]) {
    const handle = parseHandle(text);
    assert.ok(handle);
    const grant = await server.server.store.findGrant(handle.grant_id);
    assert.ok(grant && isGenuine(handle, grant, server.server.secrets));
    const cases = fc.property(altered(text), (other) => {
      const read = parseHandle(other);
      const opens = read !== null && isGenuine(read, grant, server.server.secrets);
      assert.equal(opens, other === text, other);
    });
    fc.assert(cases, { numRuns: 1000 });
  }
});

test("parsing a handle returns the values it was issued with, and issuing those gives the same text", async () => {
  const { secrets, store } = server.server;
  const known = parseHandle(codes.code);
  const grant = await store.findGrant(known?.grant_id ?? "");
  assert.ok(grant);
  const number = fc.nat({ max: 2 ** 32 - 1 });
  const id = fc.string({
    unit: fc.constantFrom(..."0123456789abcdef"),
    minLength: 36,
    maxLength: 36,
  });
  const cases = fc.property(
    ...([fc.constantFrom("vkc", "vkr"), id, number, number, fc.string()] as const),
    (kind, grant_id, generation, epoch, salt) => {
      const other = { ...grant, grant_id, epoch, salt };
      const text = issueHandle(kind, other, generation, secrets);
      assert.ok(text);
      const read = parseHandle(text);
      assert.ok(read && isGenuine(read, other, secrets));
      const { proof: _, ...named } = read;
      const { secret_id } = grant;
      assert.deepEqual(named, { kind, secret_id, epoch, grant_id, generation });
      assert.equal(issueHandle(read.kind, other, read.generation, secrets), text);
    },
  );
  fc.assert(cases, { numRuns: 1000 });
});

test("an access token altered anywhere is refused", async () => {
  const { access_token } = codes;
  const cases = fc.asyncProperty(altered(access_token), async (other) => {
    const { status } = await userinfo(server, other.replace(/[^\x21-\x7e]/g, "~"));
    assert.equal(status === 200, other === access_token, other);
  });
  await fc.assert(cases, { numRuns: 300 });
});

test("formatting a parsed scope and parsing it again gives the same scope", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b.c", " ", '"', "\\", "é", "~", "!") });
  const cases = fc.property(text, (scope) => {
    let names: string[];
    try {
      names = parseScope(scope);
    } catch {
      return; // not a scope
    }
    assert.deepEqual(parseScope(formatScope(names)), names);
    assert.equal(new Set(names).size, names.length);
  });
  fc.assert(cases, { numRuns: 1000 });
});
