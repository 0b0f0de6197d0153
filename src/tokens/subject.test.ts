import assert from "node:assert/strict";
import { test } from "node:test";
import { isPairwiseSubject } from "../oauth/subject_type.ts";
import { sampleClient } from "../store/conformance/samples.ts";
import { withPlace } from "../store/place.ts";
import type { ClientRecord } from "../store/records.ts";
import { sidFor, subjectFor } from "./subject.ts";

const salted = (n: number) => ({
  subject_salt: { load: async () => {}, value: () => Buffer.alloc(32, n) },
});
const ctx = salted(1);

function client(subject_type: "public" | "pairwise", given: Partial<ClientRecord>): ClientRecord {
  const plain = sampleClient(given);
  return { ...plain, metadata: { ...plain.metadata, subject_type } };
}
const printly = client("pairwise", { client_id: "printly", sector: "printly.example" });

test("a public client sees the person's own sub", () => {
  const open = client("public", { sector: null });
  assert.equal(subjectFor(open, "ada", ctx), "ada");
  assert.equal(subjectFor(sampleClient(), "ada", ctx), "ada", "public is the default");
});

test("a pairwise subject is the same in one sector, and another one for each person, sector and salt", () => {
  const sibling = client("pairwise", { client_id: "other", sector: "printly.example" });
  const ada = subjectFor(printly, "ada", ctx);
  assert.ok(isPairwiseSubject(ada));
  assert.ok(!ada.includes("ada"));
  assert.equal(subjectFor(sibling, "ada", ctx), ada);
  const others = [
    subjectFor(printly, "eve", ctx),
    subjectFor(printly, "ad", ctx),
    subjectFor(client("pairwise", { sector: "snaps.example" }), "ada", ctx),
    subjectFor(client("pairwise", { client_id: "printly", sector: null }), "ada", ctx),
    // A client of its own sector can choose an id that is another sector's host.
    subjectFor(client("pairwise", { client_id: "printly.example", sector: null }), "ada", ctx),
    subjectFor(printly, "ada", salted(2)),
    `pw_${sidFor(printly, "ada", ctx)}`,
  ];
  assert.equal(new Set([ada, ...others]).size, others.length + 1);
});

test("parts of a subject can't be moved from one to the other", () => {
  const [a, b] = [
    client("pairwise", { sector: 'a","b' }),
    client("pairwise", { sector: "a" }),
  ] as const;
  assert.notEqual(subjectFor(a, "c", ctx), subjectFor(b, 'b","c', ctx));
});

test("a sid names no session and no place, and two clients can't compare theirs", () => {
  const session_id = withPlace("c2Vzc2lvbi1vZi1hZGE", "ada");
  const [one, two] = [client("public", {}), client("public", {})];
  const sids = [one, two, printly].map((each) => sidFor(each, session_id, ctx));
  assert.equal(new Set(sids).size, 3);
  assert.equal(sidFor(one, session_id, ctx), sids[0]);
  for (const sid of sids) {
    assert.match(sid, /^[\w-]{43}$/);
    assert.ok(!sid.includes(session_id.slice(-4)) && !session_id.includes(sid));
  }
  assert.notEqual(sidFor(one, withPlace("another", "ada"), ctx), sids[0]);
});
