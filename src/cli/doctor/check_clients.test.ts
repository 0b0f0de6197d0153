import assert from "node:assert/strict";
import { test } from "node:test";
import type { Reply } from "./ask.ts";
import { checkClients } from "./check_clients.ts";
import type { FirstMinutes } from "./first_minutes.ts";

const answer = (
  status: number,
  body: object | string,
  headers: Record<string, string[]> = {},
): Reply => ({
  ...{ status, headers, at: 0, ms: 1 },
  body: typeof body === "string" ? body : JSON.stringify(body),
});
const NOTHING: FirstMinutes = {
  registered: null,
  document: answer(400, "<b>192.0.2.1</b>"),
  registration: null,
  device: answer(200, ""),
  unknown: answer(404, {}, { "access-control-allow-origin": ["*"] }),
};
const metadata = { issuer: "https://id.test", client_id_metadata_document_supported: true };
const look = (first: Partial<FirstMinutes>, more: object = {}) =>
  checkClients({
    ...{
      metadata,
      sign_in: answer(200, ""),
      bad_request: answer(400, { error: "invalid_request" }),
    },
    first: { ...NOTHING, ...first },
    ...more,
  }).flatMap((each) => each ?? []);

test("a registration has to be refused by the server itself", () => {
  const of = (registration: Reply) =>
    look({ registration }).find(({ check }) => check === "registering_clients")?.status;
  assert.equal(of(answer(400, { error: "invalid_redirect_uri" })), "ok");
  assert.equal(of(answer(401, { error: "invalid_token" })), "ok");
  assert.equal(of(answer(429, {})), "left_out");
  assert.equal(of(answer(201, { client_id: "x" })), "problem");
  assert.equal(of(answer(415, "form only")), "problem");
  assert.equal(of(answer(404, "")), "problem");
  assert.equal(of({ silence: "the connection was cut" }), "problem");
});

test("a server that has fetched enough for now says nothing about documents", () => {
  const [found] = look({ document: answer(429, "") });
  assert.deepEqual([found?.check, found?.status], ["document_clients", "left_out"]);
});

test("a kind of client that is not offered is not listed", () => {
  const plain = look({}, { metadata: { issuer: "https://id.test" } });
  assert.deepEqual(
    plain.map(({ check }) => check),
    ["well_known"],
  );
  assert.deepEqual(
    look({}).map(({ check }) => check),
    ["document_clients", "well_known"],
  );
});

test("where pages or refusals do not get through, other checks say so", () => {
  for (const more of [
    { sign_in: answer(421, "") },
    { bad_request: answer(400, "<html>") },
    { metadata: null },
  ])
    assert.deepEqual(
      look({}, more).map(({ check, status }) => `${check} ${status}`),
      ["clients left_out"],
    );
});
