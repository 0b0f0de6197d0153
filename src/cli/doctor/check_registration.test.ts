import assert from "node:assert/strict";
import { test } from "node:test";
import { parseConfig } from "../../config.ts";
import { FEATURES } from "../../features.ts";
import { endpointsOf } from "../../offer.ts";
import type { Answer, Reply } from "./ask.ts";
import { checkRegistration } from "./check_registration.ts";

const answer = (status: number, body: string, headers: Answer["headers"] = {}): Answer => ({
  ...{ status, body, headers, at: 0, ms: 0 },
});
const REFUSED = answer(401, '{"error":"invalid_token"}', {
  "www-authenticate": ['Bearer realm="x"'],
});
const THERE = answer(415, "{}");

function check(given: object, { post = THERE, put = REFUSED }: { post?: Reply; put?: Reply } = {}) {
  const { registration } = parseConfig({ registration: given });
  const endpoints = endpointsOf(FEATURES).map((each) => ({ ...each, url: "", reply: post }));
  const registrations = [
    { method: "GET", reply: REFUSED },
    { method: "PUT", reply: put },
    { method: "DELETE", reply: REFUSED },
  ];
  return checkRegistration({ endpoints, registrations }, registration);
}

test("where apps can't register themselves, there is nothing to check", () => {
  assert.equal(check({}), null);
});

test("the finding says who may register what", () => {
  assert.match(check({ mode: "token" })?.saw ?? "", /initial access token/);
  const here = check({ mode: "open" });
  assert.equal(here?.saw, "everybody registers apps on their own computer");
  const lists = { allowed_redirect_hosts: ["claude.ai"], allowed_schemes: ["cursor"] };
  const listed = check({ mode: "open", ...lists });
  assert.deepEqual([here?.status, listed?.status], ["ok", "ok"]);
  assert.match(listed?.saw ?? "", /and at claude\.ai and cursor:$/);
});

test("registration for every https host is a warning", () => {
  const found = check({ mode: "open", allowed_redirect_hosts: ["*"] });
  assert.equal(found?.status, "warning");
  assert.match(found?.advice ?? "", /registration\.allowed_redirect_hosts/);
});

test("a proxy that drops a method, the token or the answer is a problem", () => {
  const open = { mode: "open" };
  const missing = check(open, { post: answer(404, "<h1>404</h1>") });
  assert.match(missing?.saw ?? "", /^\/register does not answer: 404/);
  for (const put of [
    answer(405, "<h1>405</h1>"),
    answer(401, "<h1>401</h1>", REFUSED.headers),
    answer(401, REFUSED.body),
    { silence: "the connection was cut" },
  ]) {
    const found = check(open, { put });
    assert.equal(found?.status, "problem");
    assert.match(found?.saw ?? "", /remove their registration: PUT/);
    assert.match(found?.advice ?? "", /GET, PUT and DELETE/);
  }
  assert.equal(check(open, { put: answer(429, "{}") })?.status, "left_out");
});
