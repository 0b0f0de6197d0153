import assert from "node:assert/strict";
import { test } from "node:test";
import { LEVELS, type Level, type Proofs, reached } from "./assurance.ts";
import type { Asked, Prompt } from "./authorization_request.ts";
import { NO_NAMED_CLAIMS } from "./claims_request.ts";
import {
  type Agreement,
  type Consent,
  type NextStep,
  nextStep,
  type Situation,
} from "./next_step.ts";

const NOW = 1_800_000_000;
const ISSUER = "https://as.test";
const SNAPS = "https://snaps.test/api";
const OPENID = `${ISSUER} openid`;
const PHOTOS = `${SNAPS} photos.read`;
const permissions = [OPENID, PHOTOS];
const none: string[] = [];

const asks = (given: Partial<Asked> = {}): Asked => ({
  client_id: "c",
  permissions,
  left_out: none,
  prompt: [],
  max_age: null,
  login_hint: null,
  claims: NO_NAMED_CLAIMS,
  required_level: null,
  wished_levels: [],
  ...given,
});
const situation = (given: Partial<Situation> = {}): Situation => ({
  now: NOW,
  request_id: "this",
  asked: asks(),
  on_this_computer: false,
  session: null,
  must_select: false,
  hinted_sub: null,
  answer: null,
  consent: null,
  reachable: ["single"],
  account_levels: ["single"],
  policy: null,
  declined: false,
  client: { trusted: false, confidential: true, changed: false, required_acr: null },
  ...given,
});
const signedIn = (at: number): Proofs => [{ kind: "pwd", at }];
const session = (given: Partial<NonNullable<Situation["session"]>> = {}) => ({
  sub: "ada",
  proofs: signedIn(NOW - 100),
  signed_in_for: null,
  ...given,
});
const agreed: Agreement & Consent = { agreed: permissions, refused: none, waived: none };
const told = ({ step, ...rest }: NextStep): string => ("error" in rest ? rest.error : step);
const next = (given: Partial<Situation>) => told(nextStep(situation(given)));

test("the steps come in order: sign in, agree, issue", () => {
  const signedIn = session();
  for (const [given, step] of [
    [{}, "login"],
    [{ session: signedIn }, "consent"],
    [{ session: signedIn, consent: agreed }, "issue"],
    [{ session: signedIn, answer: { ...agreed, sub: "ada" } }, "issue"],
    [{ session: signedIn, answer: { ...agreed, agreed: none, sub: "ada" } }, "access_denied"],
    [{ session: signedIn, answer: { ...agreed, sub: "eve" } }, "consent"],
    [{ answer: { ...agreed, sub: "ada" }, consent: agreed }, "login"],
    // A consent that does not cover what is asked
    [{ session: signedIn, consent: { ...agreed, agreed: [OPENID] } }, "consent"],
    [{ session: signedIn, consent: { ...agreed, agreed: none, refused: permissions } }, "consent"],
    // The same scope at another API is another permission.
    [
      { session: signedIn, consent: { ...agreed, agreed: [OPENID, `${ISSUER} photos.read`] } },
      "consent",
    ],
    // A waived permission has not been agreed to.
    [{ session: signedIn, consent: { ...agreed, agreed: none, waived: permissions } }, "consent"],
  ] as [Partial<Situation>, string][])
    assert.equal(next(given), step, JSON.stringify(given));
});

test("prompt=create comes before everything else, until somebody signs in for this request", () => {
  const asked = asks({ prompt: ["create"] });
  const here = session({ signed_in_for: "this" });
  for (const [given, step] of [
    [{}, "create"],
    [{ session: session() }, "create"],
    [{ session: session(), consent: agreed }, "create"],
    [{ session: session({ signed_in_for: "another" }), consent: agreed }, "create"],
    [{ must_select: true }, "create"],
    [{ session: here }, "consent"],
    [{ session: here, consent: agreed }, "issue"],
  ] as [Partial<Situation>, string][])
    assert.equal(next({ asked, ...given }), step, JSON.stringify(given));
});

test("a refused permission is neither asked again nor issued", () => {
  const consent = {
    agreed: [OPENID, `${ISSUER} notes`],
    refused: [PHOTOS, `${ISSUER} x`],
    waived: none,
  };
  assert.deepEqual(nextStep(situation({ session: session(), consent })), {
    step: "issue",
    agreement: { agreed: [OPENID], refused: [PHOTOS] },
    how: "remembered",
  });
});

test("agreeing to any scope of an API agrees to the API, unless it was refused itself", () => {
  const asked = asks({ permissions: [OPENID, SNAPS] });
  const here = { session: session(), asked };
  assert.equal(next({ ...here, consent: agreed }), "issue");
  assert.equal(next({ ...here, consent: { ...agreed, agreed: [OPENID] } }), "consent");
  const refused = { ...agreed, refused: [SNAPS] };
  assert.deepEqual(nextStep(situation({ ...here, consent: refused })), {
    step: "issue",
    agreement: { agreed: [OPENID], refused: [SNAPS] },
    how: "remembered",
  });
  // A refused scope of an API does not refuse the API itself.
  const other = { ...agreed, agreed: [OPENID], refused: [PHOTOS] };
  assert.equal(next({ ...here, consent: other }), "consent");
});

test("a permission that an operator waives is issued as a waiver", () => {
  const client = { trusted: true, confidential: true, changed: false, required_acr: null };
  assert.deepEqual(nextStep(situation({ session: session(), client })), {
    step: "issue",
    agreement: { agreed: permissions, refused: none },
    how: "waived",
  });
});

test("a person is asked about an app that has changed since, also if it is trusted now", () => {
  const client = { trusted: true, confidential: true, changed: true, required_acr: null };
  assert.equal(next({ session: session(), consent: agreed, client }), "consent");
});

test("prompt and max_age require a new proof; one made for this request satisfies them", () => {
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
  ] as [Partial<Asked>, object, string][])
    assert.equal(
      next({ asked: asks(asked), session: session(given), consent: agreed }),
      expected,
      JSON.stringify([asked, given]),
    );
});

test("S6: prompt=none shows no page and names the missing step", () => {
  const silent = asks({ prompt: ["none"] });
  const old = asks({ prompt: ["none"], max_age: 10 });
  for (const [given, step] of [
    [{ asked: silent }, "login_required"],
    [{ asked: silent, session: session() }, "consent_required"],
    [{ asked: silent, session: session(), consent: agreed }, "issue"],
    [{ asked: old, session: session(), consent: agreed }, "login_required"],
    [{ asked: silent, session: session(), consent: agreed, hinted_sub: "eve" }, "login_required"],
    [
      {
        asked: silent,
        session: session(),
        client: { trusted: true, confidential: true, changed: false, required_acr: null },
      },
      "issue",
    ],
  ] as [Partial<Situation>, string][])
    assert.equal(next(given), step, JSON.stringify(given));
});

test("of several accounts one is chosen first; prompt=none answers account_selection_required", () => {
  const several = { must_select: true, consent: agreed };
  assert.equal(next(several), "select_account");
  for (const prompt of [["login"], ["consent"], ["select_account"]] as Prompt[][])
    assert.equal(next({ ...several, asked: asks({ prompt }) }), "select_account");
  const silent = asks({ prompt: ["none"] });
  assert.equal(next({ ...several, asked: silent }), "account_selection_required");
});

test("an id_token_hint requires its person; another one gets nothing", () => {
  const here = { session: session(), consent: agreed };
  assert.equal(next({ ...here, hinted_sub: "ada" }), "issue");
  assert.equal(next({ ...here, hinted_sub: "eve" }), "login");
  const fresh = session({ signed_in_for: "this" });
  assert.equal(next({ ...here, session: fresh, hinted_sub: "eve" }), "login_required");
});

test("S7, R19: a public client on this computer needs consent every time", () => {
  for (const [on_this_computer, confidential, trusted, expected] of [
    [false, false, false, "issue"],
    [false, true, false, "issue"],
    [true, true, false, "issue"],
    [true, true, true, "issue"],
    [true, false, false, "consent"],
    [true, false, true, "consent"],
  ] as const) {
    const here = { on_this_computer, session: session() };
    assert.equal(
      next({
        ...here,
        consent: agreed,
        client: { trusted, confidential, changed: false, required_acr: null },
      }),
      expected,
    );
  }
});

/** Every value that can differ, so that no combination is missed. */
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
    { agreed: [OPENID], refused: [PHOTOS], sub: "ada" },
    { agreed: none, refused: permissions, sub: "ada" },
    { ...agreed, sub: "eve" },
  ];
  const consents = [
    null,
    agreed,
    { agreed: [...permissions, "https://x.test more"], refused: none, waived: none },
    { agreed: [OPENID], refused: [PHOTOS], waived: none },
    { agreed: [OPENID], refused: none, waived: [PHOTOS] },
    { agreed: none, refused: permissions, waived: none },
    { agreed: [OPENID, `${ISSUER} photos.read`], refused: none, waived: none },
  ];
  for (const prompt of prompts)
    for (const max_age of [null, 0, 50, 1000])
      for (const on_this_computer of [false, true])
        for (const here of sessions)
          for (const hinted_sub of [null, "ada", "eve", "several"])
            for (const answer of answers)
              for (const consent of consents)
                for (const trusted of [false, true])
                  for (const confidential of [false, true])
                    yield {
                      ...situation({ session: here, hinted_sub, answer, consent }),
                      ...(hinted_sub === "several" && { must_select: true, session: null }),
                      asked: asks({ prompt, max_age }),
                      on_this_computer,
                      client: { trusted, confidential, changed: false, required_acr: null },
                    };
}

/** The rules again, each on its own, as a person would check them. */
function expected(given: Situation): string {
  const { asked, on_this_computer, session: here, answer, consent, client, hinted_sub } = given;
  const silent = asked.prompt.includes("none");
  if (given.must_select) return silent ? "account_selection_required" : "select_account";
  const fresh = here?.signed_in_for === "this";
  const age = here === null ? 0 : NOW - reached(here.proofs).auth_time;
  const tooOld = asked.max_age !== null && (asked.max_age === 0 || age > asked.max_age);
  const isOther = hinted_sub !== null && hinted_sub !== here?.sub;
  const again = asked.prompt.includes("login") || tooOld || isOther;
  const step = here === null || isOther ? "login" : "authenticate";
  if (here === null || (again && !fresh)) return silent ? "login_required" : step;
  if (isOther) return "login_required";
  if (answer?.sub === here.sub) return answer.agreed.length === 0 ? "access_denied" : "issue";
  const assured = client.confidential || !on_this_computer;
  const covered =
    consent &&
    asked.permissions.every(
      (each) => consent.agreed.includes(each) || consent.refused.includes(each),
    ) &&
    asked.permissions.some((each) => consent.agreed.includes(each));
  const has_to_ask = asked.prompt.includes("consent") || !assured || !(client.trusted || covered);
  if (has_to_ask) return silent ? "consent_required" : "consent";
  return "issue";
}

/** The most that may be issued: the answer, else the earlier consent, and everything to a trusted client. */
function mayHave({ asked, session: here, answer, consent, client }: Situation) {
  if (answer && answer.sub === here?.sub) return answer.agreed;
  return client.trusted ? asked.permissions : (consent?.agreed ?? []);
}

test("in every situation the next step is the one that the rules name", () => {
  let count = 0;
  for (const given of everySituation()) {
    const step = nextStep(given);
    if (told(step) !== expected(given)) assert.deepEqual([step, given], expected(given));
    if (step.step === "issue") {
      const issued = step.agreement.agreed;
      const asked = given.asked.permissions;
      assert.ok(issued.length > 0 && issued.every((each) => asked.includes(each)));
      assert.ok(issued.every((each) => mayHave(given).includes(each)));
    }
    count += 1;
  }
  assert.equal(count, 5 * 4 * 2 * 5 * 4 * 5 * 7 * 4);
});

const MULTI: Proofs = [
  { kind: "pwd", at: NOW - 100 },
  { kind: "totp", at: NOW - 90 },
];
const OPEN = { trusted: false, confidential: true, changed: false };
const both = ["single", "multi"] as const;

test("a level that nobody can reach here is refused before the person signs in", () => {
  for (const [required_level, expected] of [
    [null, "login"],
    ["single", "login"],
    ["multi", "unmet_authentication_requirements"],
    ["phishing_resistant", "unmet_authentication_requirements"],
    ["unknown", "unmet_authentication_requirements"],
  ] as const)
    for (const prompt of [[], ["create"], ["select_account"], ["login"]] as const) {
      const asked = asks({ required_level, prompt: [...prompt] });
      const found = next({ asked });
      assert.ok(expected === "login" ? !found.includes("unmet") : found === expected, found);
      const required_acr = required_level === "unknown" ? null : required_level;
      if (required_acr !== null)
        assert.equal(next({ client: { ...OPEN, required_acr } }), expected, "the client's own");
    }
});

test("without a page a missing level is interaction_required; a missing sign-in comes first", () => {
  const silent = asks({ required_level: "multi", prompt: ["none"] });
  assert.equal(next({ asked: silent }), "login_required");
  assert.equal(next({ asked: silent, session: session() }), "interaction_required");
  const unknown = asks({ required_level: "unknown", prompt: ["none"] });
  assert.equal(next({ asked: unknown, session: session() }), "interaction_required");
  const enough = { session: session({ proofs: MULTI }), consent: agreed, reachable: both };
  assert.equal(next({ asked: silent, ...enough }), "issue");
});

test("a weaker session steps up with a factor of the account, or gets one first", () => {
  const asked = asks({ required_level: "multi" });
  const weak = { asked, reachable: both, consent: agreed, session: session() };
  assert.deepEqual(nextStep(situation({ ...weak, account_levels: both })), {
    ...{ step: "step_up", level: "multi" },
  });
  assert.deepEqual(nextStep(situation(weak)), { step: "enrol", level: "multi" });
  // A sign-in for this very request may have been by the first factor alone.
  const again = { ...weak, session: session({ signed_in_for: "this" }) };
  assert.equal(next({ ...again, account_levels: both }), "step_up");
  assert.equal(next({ ...weak, declined: true }), "unmet_authentication_requirements");
  assert.equal(next({ ...weak, session: session({ proofs: MULTI }) }), "issue");
});

test("no consent and no trust replaces the level; the stronger demand counts", () => {
  const client = { ...OPEN, trusted: true, required_acr: "multi" as const };
  const trusted = { client, reachable: both, account_levels: both };
  assert.equal(next({ ...trusted, session: session() }), "step_up");
  assert.equal(next({ ...trusted, session: session({ proofs: MULTI }) }), "issue");
  const asked = asks({ required_level: "multi" });
  const answer = { sub: "ada", agreed: permissions, refused: none };
  const answered = { asked, reachable: both, account_levels: both, answer };
  assert.equal(next({ ...answered, session: session() }), "step_up");
  const weaker = asks({ required_level: "single" });
  assert.equal(next({ ...trusted, asked: weaker, session: session() }), "step_up");
});

test("the operator's policy for the person is a demand, too", () => {
  const here = { reachable: both, consent: agreed, session: session(), policy: "multi" as const };
  assert.equal(next(here), "enrol");
  assert.equal(next({ ...here, account_levels: both }), "step_up");
  assert.equal(next({ ...here, session: session({ proofs: MULTI }) }), "issue");
  assert.equal(next({ ...here, asked: asks({ prompt: ["none"] }) }), "interaction_required");
});

test("a wish is granted where the account has the factor, and never without it", () => {
  const wished = (...wished_levels: Level[]) => asks({ wished_levels });
  const here = { reachable: LEVELS, consent: agreed, session: session() };
  for (const [asked, account_levels, expected] of [
    [wished("multi"), ["single"], "issue"],
    [wished("multi"), ["single", "multi"], "step_up"],
    [wished("phishing_resistant", "multi"), ["single", "multi"], "step_up"],
    [wished("single"), ["single", "multi"], "issue"],
    [wished("single", "multi"), ["single", "multi"], "issue"],
    [asks({ wished_levels: ["multi"], prompt: ["none"] }), ["single", "multi"], "issue"],
  ] as [Asked, Level[], string][])
    assert.equal(next({ ...here, asked, account_levels }), expected, JSON.stringify(asked));
  const declined = { asked: wished("multi"), account_levels: both, declined: true };
  assert.equal(next({ ...here, ...declined }), "issue");
  const preferred = { asked: wished("phishing_resistant", "multi"), account_levels: LEVELS };
  assert.deepEqual(nextStep(situation({ ...here, ...preferred })), {
    ...{ step: "step_up", level: "phishing_resistant" },
  });
});
