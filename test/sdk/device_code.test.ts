/** The device authorization grant, against providers that behave well and badly (RFC 8628). */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { clientParty } from "../../src/sdk/client/client_authentication.ts";
import { beginDevice, type DeviceRequest, pollDevice } from "../../src/sdk/client/device_code.ts";
import { failure } from "./failure.ts";

const ISSUER = "https://as.test";
const METADATA = {
  ...{ issuer: ISSUER, authorization_endpoint: `${ISSUER}/authorize` },
  token_endpoint: `${ISSUER}/token`,
  device_authorization_endpoint: `${ISSUER}/device_authorization`,
};
const REQUEST = {
  ...{ device_code: "the-device-code", user_code: "BDWP-HQPK", expires_in: 600, interval: 5 },
  verification_uri: `${ISSUER}/device`,
};
const DEVICE: DeviceRequest = { ...REQUEST, scope: "photos" };
const TOKENS = { access_token: "the-token", token_type: "bearer", expires_in: 300 };
const never = new AbortController().signal;

/** A party whose provider gives these answers, one after the other. */
function party(answers: (Response | Error)[], metadata: object = METADATA) {
  const asked: URLSearchParams[] = [];
  const made = clientParty({
    ...{ issuer: ISSUER, clientId: "app" },
    async fetch(input, init) {
      if (String(input).includes(".well-known")) return Response.json(metadata);
      asked.push(new URLSearchParams(String(init?.body)));
      const answer = answers.shift() ?? assert.fail("one request too many");
      if (answer instanceof Error) throw answer;
      return answer;
    },
  });
  return { party: made, asked };
}

const error = (name: string, status = 400): Response => Response.json({ error: name }, { status });

/** Timers fire as soon as they are set. @returns the seconds that they were set for, requests left out */
function hurry(t: TestContext): number[] {
  const waits: number[] = [];
  const real = globalThis.setTimeout;
  t.mock.method(globalThis, "setTimeout", (work: () => void, ms = 0) => {
    // The time-out of a request.
    if (ms === 8000) return real(work, ms);
    waits.push(ms / 1000);
    return real(work, 0);
  });
  return waits;
}

test("a request: for the person, an address and a code; the rest stays here", async () => {
  const complete = `${ISSUER}/device?user_code=BDWP-HQPK`;
  const answers = [Response.json({ ...REQUEST, verification_uri_complete: complete })];
  const { party: as, asked } = party(answers);
  const params = { acr_values: "high" };
  const begun = await beginDevice(as, { scope: "photos", resource: "https://api.test", params });
  assert.deepEqual(begun, { ...DEVICE, verification_uri_complete: complete });
  assert.deepEqual(Object.fromEntries(asked[0] ?? []), {
    ...{ client_id: "app", scope: "photos", resource: "https://api.test", acr_values: "high" },
  });
});

test("Google's name of the address, and an interval that is left out", async () => {
  const { verification_uri: verification_url, interval: _, ...rest } = REQUEST;
  const { party: as } = party([Response.json({ ...rest, verification_url })]);
  assert.deepEqual(await beginDevice(as, { scope: "photos" }), DEVICE);
});

test("answers that are none, dangerous or refused", async () => {
  const cases: [Response, Parameters<typeof failure>][] = [
    [
      Response.json({ ...REQUEST, verification_uri: "http://evil.test" }),
      ["invalid_response", /nothing that OAuth defines/],
    ],
    [
      Response.json({ ...REQUEST, verification_uri: "javascript:alert(1)" }),
      ["invalid_response", /nothing/],
    ],
    [
      Response.json({ ...REQUEST, verification_uri: `${ISSUER}/\u001b[2J` }),
      ["invalid_response", /nothing/],
    ],
    [Response.json({ ...REQUEST, device_code: 7 }), ["invalid_response", /nothing/]],
    [new Response("<html>"), ["invalid_response", /nothing/]],
    [error("invalid_client", 401), ["configuration", /invalid_client/]],
    [error("invalid_target"), ["configuration", /invalid_target/]],
    [error("invalid_scope"), ["configuration", /invalid_scope/]],
    [error("slow_down", 429), ["issuer_unreachable", /slow_down/, { retryable: true }]],
  ];
  for (const [answer, expected] of cases)
    await assert.rejects(
      beginDevice(party([answer]).party, { scope: "photos" }),
      failure(...expected),
    );
  const { device_authorization_endpoint: _, ...without } = METADATA;
  assert.equal(await beginDevice(party([], without).party, { scope: "photos" }), null);
  for (const code of ["unauthorized_client", "unsupported_grant_type"])
    assert.equal(await beginDevice(party([error(code)]).party, { scope: "photos" }), null);
  const shown = { ...REQUEST, user_code: "AB\u001b[2JCD" };
  const begun = await beginDevice(party([Response.json(shown)]).party, { scope: "x" });
  assert.equal(begun?.user_code, "AB[2JCD");
});

test("polls come at the interval and a second, slow_down adds five", async (t) => {
  const waits = hurry(t);
  const answers = [
    error("authorization_pending"),
    // Google's status.
    error("authorization_pending", 428),
    error("slow_down"),
    error("slow_down", 429),
    error("authorization_pending"),
    Response.json(TOKENS),
  ];
  const { party: as, asked } = party(answers);
  const tokens = await pollDevice(as, DEVICE, never);
  assert.deepEqual([tokens.accessToken, tokens.scope], ["the-token", ["photos"]]);
  assert.deepEqual(waits, [6, 6, 6, 11, 16, 16]);
  assert.deepEqual(Object.fromEntries(asked[0] ?? []), {
    ...{ client_id: "app", device_code: "the-device-code" },
    grant_type: "urn:ietf:params:oauth:grant-type:device_code",
  });
});

test("what a network or a server can do wrong is forgiven", async (t) => {
  hurry(t);
  const answers = [
    new TypeError("fetch failed"),
    new Response("<h1>Bad gateway</h1>", { status: 502 }),
    error("temporarily_unavailable", 503),
    new Response("wait", { status: 429 }),
    Response.json(TOKENS),
  ];
  assert.equal((await pollDevice(party(answers).party, DEVICE, never)).accessToken, "the-token");
});

test("no, too late, and a wrong answer are the end", async (t) => {
  hurry(t);
  const cases: [Response, Parameters<typeof failure>][] = [
    [error("access_denied"), ["access_denied", /access_denied/]],
    [error("expired_token"), ["login_expired", /expired_token.*entered in time/]],
    [error("invalid_grant"), ["login_expired", /invalid_grant/]],
    [error("invalid_client", 401), ["configuration", /invalid_client/]],
    [Response.json({ hello: "world" }), ["invalid_response", /nothing that OAuth defines/]],
  ];
  for (const [answer, [code, message, more]] of cases)
    await assert.rejects(
      pollDevice(party([answer]).party, DEVICE, never),
      failure(code, message, { ...more, hides: ["the-device-code"] }),
    );
  await assert.rejects(
    pollDevice(party([]).party, { ...DEVICE, expires_in: 0 }, never),
    failure("login_expired", /not entered in time/),
  );
  // With the scope openid, the ID token is not left out.
  await assert.rejects(
    pollDevice(party([Response.json(TOKENS)]).party, { ...DEVICE, scope: "openid" }, never),
    failure("invalid_response", /no ID token/),
  );
});

test("the signal stops the waiting", async () => {
  const stop = new AbortController();
  const waiting = pollDevice(party([]).party, DEVICE, stop.signal);
  stop.abort();
  await assert.rejects(waiting, failure("cancelled", /was stopped/));
  await assert.rejects(
    pollDevice(party([]).party, DEVICE, stop.signal),
    failure("cancelled", /was stopped/),
  );
});
