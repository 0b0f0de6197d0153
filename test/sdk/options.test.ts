/** Options that can't work are refused at once, by name. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type ClientOptions, createClient, github } from "../../src/sdk/client/client.ts";
import { failure } from "./failure.ts";

const OPTIONS: ClientOptions = { issuer: "https://as.test", clientId: "app" };

test("options that can't work are refused before anything is requested", async (t) => {
  const { privateKey } = await crypto.subtle.generateKey(
    { name: "ECDSA", namedCurve: "P-256" },
    false,
    ["sign", "verify"],
  );
  t.mock.method(globalThis, "fetch", () => assert.fail("a request was made"));
  const wrong: [Partial<ClientOptions>, RegExp][] = [
    [{ issuer: "http://as.test" }, /the issuer "http:\/\/as.test" is not https/],
    [{ issuer: "as.test" }, /the issuer "as.test" is not a URL/],
    [{ issuer: "https://as.test?x=1" }, /has a query or a fragment/],
    [{ clientId: "" }, /clientId is missing.*environment variable/],
    [{ clientSecret: "" }, /clientSecret is empty.*environment variable/],
    [{ clientSecret: "secret", privateKey }, /both clientSecret and privateKey/],
    [
      { provider: { ...github, endpoints: { token_endpoint: "http://github.test/token" } } },
      /token_endpoint is "http:\/\/github.test\/token", which is not an https URL/,
    ],
  ];
  for (const [options, message] of wrong)
    assert.throws(
      () => createClient({ ...OPTIONS, ...options }),
      failure("configuration", message),
    );
  assert.throws(
    () => createClient({ clientId: "app" }),
    failure("configuration", /issuer is missing.*or set provider/),
  );
  // As from JavaScript, or without exactOptionalPropertyTypes.
  const { NO_SUCH_VARIABLE } = process.env;
  assert.throws(
    () => createClient(Object.assign({}, OPTIONS, { clientSecret: NO_SUCH_VARIABLE })),
    failure("configuration", /clientSecret is empty/),
  );
  assert.throws(
    () => createClient(Object.assign({}, OPTIONS, { clientSecret: null })),
    failure("configuration", /clientSecret is empty/),
  );
  createClient(OPTIONS);
});
