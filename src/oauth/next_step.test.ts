import assert from "node:assert/strict";
import { test } from "node:test";
import { type Proofs, reached } from "./assurance.ts";
import type { AuthorizationRequest, Prompt } from "./authorization_request.ts";
import { type Agreement, type NextStep, nextStep, type Situation } from "./next_step.ts";

const NOW = 1_800_000_000;
const HTTPS = "https://rp.test/cb";
const LOOPBACK = "http://127.0.0.1:5000/cb";
const PRIVATE = "com.example.app:/cb";
const SNAPS = "https://snaps.test/api";
const scope = ["openid", "photos.read"];
const none: string[] = [];

const request = (given: Partial<AuthorizationRequest> = {}): AuthorizationRequest => ({
  client_id: "c",
  redirect_uri: HTTPS,
  redirect_uri_sent: true,
  response_mode: "query",
  state: null,
  scope,
  resources: [SNAPS],
  code_challenge: "x",
  nonce: null,
  prompt: [],
  max_age: null,
  login_hint: null,
  ...given,
});
const situation = (given: Partial<Situation> = {}): Situation => ({
  now: NOW,
  request_id: "this",
  request: request(),
  session: null,
  hinted_sub: null,
  answer: null,
  consent: null,
  client: { trusted: false, confidential: true },
  ...given,
});
const signedIn = (at: number): Proofs => [{ kind: "pwd", at }];
const session = (given: Partial<NonNullable<Situation["session"]>> = {}) => ({
  sub: "ada",
  proofs: signedIn(NOW - 100),
  signed_in_for: null,
  ...given,
});
const agreed: Agreement = { scope, declined: none, resources: [SNAPS] };
const told = ({ step, ...rest }: NextStep): string => ("error" in rest ? rest.error : step);
const next = (given: Partial<Situation>) => told(nextStep(situation(given)));

test("one step after the other: sign in, agree, issue", () => {
  const signedIn = session();
  for (const [given, step] of [
    [{}, "login"],
    [{ session: signedIn }, "consent"],
    [{ session: signedIn, consent: agreed }, "issue"],
    [{ session: signedIn, answer: { ...agreed, sub: "ada" } }, "issue"],
    [{ session: signedIn, answer: { ...agreed, scope: none, sub: "ada" } }, "access_denied"],
    [{ session: signedIn, answer: { ...agreed, sub: "eve" } }, "consent"],
    [{ answer: { ...agreed, sub: "ada" }, consent: agreed }, "login"],
    // A consent that does not cover what is asked
    [{ session: signedIn, consent: { ...agreed, scope: ["openid"] } }, "consent"],
    [{ session: signedIn, consent: { ...agreed, resources: none } }, "consent"],
    [{ session: signedIn, consent: { ...agreed, scope: none, declined: scope } }, "consent"],
  ] as [Partial<Situation>, string][])
    assert.equal(next(given), step, JSON.stringify(given));
});

test("what was refused before is neither asked again nor issued", () => {
  const consent = {
    scope: ["openid", "notes"],
    declined: ["photos.read", "x"],
    resources: [SNAPS],
  };
  assert.deepEqual(nextStep(situation({ session: session(), consent })), {
    step: "issue",
    agreement: { scope: ["openid"], declined: ["photos.read"], resources: [SNAPS] },
  });
});

test("prompt and max_age ask for another proof, and one for this very request satisfies them", () => {
  for (const [asked, given, expected] of [
    [{ prompt: ["login"] }, {}, "authenticate"],
    [{ prompt: ["login"] }, { proofs: signedIn(NOW) }, "authenticate"],
    [{ prompt: ["login"] }, { signed_in_for: "another" }, "authenticate"],
    [{ prompt: ["login"] }, { signed_in_for: "this" }, "issue"],
    [{ max_age: 100 }, {}, "issue"],
    [{ max_age: 99 }, {}, "authenticate"],
    [{ max_age: 99 }, { signed_in_for: "this" }, "issue"],
    [{ max_age: 0 }, { proofs: signedIn(NOW) }, "authenticate"],
    [{ max_age: 0 }, { signed_in_for: "this" }, "issue"],
    [{ prompt: ["consent"] }, {}, "consent"],
    [{ prompt: ["login", "consent"] }, {}, "authenticate"],
    [{ prompt: ["login", "consent"] }, { signed_in_for: "this" }, "consent"],
  ] as [Partial<AuthorizationRequest>, object, string][])
    assert.equal(
      next({ request: request(asked), session: session(given), consent: agreed }),
      expected,
      JSON.stringify([asked, given]),
    );
});

test("S6: prompt=none shows no page, and says what is missing", () => {
  const silent = request({ prompt: ["none"] });
  const old = request({ prompt: ["none"], max_age: 10 });
  for (const [given, step] of [
    [{ request: silent }, "login_required"],
    [{ request: silent, session: session() }, "consent_required"],
    [{ request: silent, session: session(), consent: agreed }, "issue"],
    [{ request: old, session: session(), consent: agreed }, "login_required"],
    [{ request: silent, session: session(), consent: agreed, hinted_sub: "eve" }, "login_required"],
    [
      { request: silent, session: session(), client: { trusted: true, confidential: true } },
      "issue",
    ],
  ] as [Partial<Situation>, string][])
    assert.equal(next(given), step, JSON.stringify(given));
});

test("an id_token_hint names who has to sign in; somebody else gets nothing", () => {
  const here = { session: session(), consent: agreed };
  assert.equal(next({ ...here, hinted_sub: "ada" }), "issue");
  assert.equal(next({ ...here, hinted_sub: "eve" }), "login");
  const fresh = session({ signed_in_for: "this" });
  assert.equal(next({ ...here, session: fresh, hinted_sub: "eve" }), "login_required");
});

test("S7, R19: a public client on this computer is asked about every time", () => {
  for (const [redirect_uri, confidential, trusted, expected] of [
    [HTTPS, false, false, "issue"],
    [HTTPS, true, false, "issue"],
    [LOOPBACK, true, false, "issue"],
    [PRIVATE, true, true, "issue"],
    [LOOPBACK, false, false, "consent"],
    [LOOPBACK, false, true, "consent"],
    [PRIVATE, false, false, "consent"],
    [PRIVATE, false, true, "consent"],
    ["http://localhost/cb", false, true, "consent"],
  ] as const) {
    const here = { request: request({ redirect_uri }), session: session() };
    assert.equal(next({ ...here, consent: agreed, client: { trusted, confidential } }), expected);
  }
});

/** All that can differ, so that no combination is forgotten. */
function* everySituation(): Generator<Situation> {
  const prompts: Prompt[][] = [[], ["none"], ["login"], ["consent"], ["login", "consent"]];
  const sessions = [
    null,
    session(),
    session({ proofs: signedIn(NOW) }),
    session({ signed_in_for: "this" }),
    session({ signed_in_for: "another" }),
  ];
  const answers = [
    null,
    { ...agreed, sub: "ada" },
    { scope: ["openid"], declined: ["photos.read"], resources: [SNAPS], sub: "ada" },
    { scope: none, declined: scope, resources: [SNAPS], sub: "ada" },
    { ...agreed, sub: "eve" },
  ];
  const consents = [
    null,
    agreed,
    { scope: [...scope, "more"], declined: none, resources: [SNAPS, "https://x.test"] },
    { scope: ["openid"], declined: ["photos.read"], resources: [SNAPS] },
    { scope: ["openid"], declined: none, resources: [SNAPS] },
    { scope: none, declined: scope, resources: [SNAPS] },
    { scope, declined: none, resources: none },
  ];
  for (const prompt of prompts)
    for (const max_age of [null, 0, 50, 1000])
      for (const redirect_uri of [HTTPS, LOOPBACK, PRIVATE])
        for (const here of sessions)
          for (const hinted_sub of [null, "ada", "eve"])
            for (const answer of answers)
              for (const consent of consents)
                for (const trusted of [false, true])
                  for (const confidential of [false, true])
                    yield {
                      ...situation({ session: here, hinted_sub, answer, consent }),
                      request: request({ prompt, max_age, redirect_uri }),
                      client: { trusted, confidential },
                    };
}

/** The rules once more, each by itself, as a person would check them. */
function expected(given: Situation): string {
  const { request: asked, session: here, answer, consent, client, hinted_sub } = given;
  const silent = asked.prompt.includes("none");
  const fresh = here?.signed_in_for === "this";
  const age = here === null ? 0 : NOW - reached(here.proofs).auth_time;
  const tooOld = asked.max_age !== null && (asked.max_age === 0 || age > asked.max_age);
  const isOther = hinted_sub !== null && hinted_sub !== here?.sub;
  const again = asked.prompt.includes("login") || tooOld || isOther;
  const step = here === null || isOther ? "login" : "authenticate";
  if (here === null || (again && !fresh)) return silent ? "login_required" : step;
  if (isOther) return "login_required";
  if (answer?.sub === here.sub) return answer.scope.length === 0 ? "access_denied" : "issue";
  const assured = client.confidential || asked.redirect_uri.startsWith("https:");
  const covered =
    consent?.resources.includes(SNAPS) &&
    asked.scope.every((name) => consent.scope.includes(name) || consent.declined.includes(name)) &&
    asked.scope.some((name) => consent.scope.includes(name));
  const asks = asked.prompt.includes("consent") || !assured || !(client.trusted || covered);
  if (asks) return silent ? "consent_required" : "consent";
  return "issue";
}

/** What may be issued at most: the answer, else what was agreed before, and all of it to a trusted client. */
function mayHave({ request: asked, session: here, answer, consent, client }: Situation) {
  if (answer && answer.sub === here?.sub) return answer.scope;
  return client.trusted ? asked.scope : (consent?.scope ?? []);
}

test("in every situation there is, the step is the one that the rules name", () => {
  let count = 0;
  for (const given of everySituation()) {
    const step = nextStep(given);
    if (told(step) !== expected(given)) assert.deepEqual([step, given], expected(given));
    if (step.step === "issue") {
      const issued = step.agreement.scope;
      assert.ok(issued.length > 0 && issued.every((name) => given.request.scope.includes(name)));
      assert.ok(issued.every((name) => mayHave(given).includes(name)));
      assert.deepEqual(step.agreement.resources, given.request.resources);
    }
    count += 1;
  }
  assert.equal(count, 5 * 4 * 3 * 5 * 3 * 5 * 7 * 4);
});
