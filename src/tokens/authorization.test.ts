import assert from "node:assert/strict";
import { after, test } from "node:test";
import { contextOf, ISSUER, SNAPS, START, testServer, WEB } from "../../test/support/server.ts";
import type { Context } from "../context.ts";
import type { Level } from "../oauth/assurance.ts";
import { sampleGrant, sampleSession } from "../store/conformance/samples.ts";
import type { ClientRecord, GrantRecord } from "../store/records.ts";
import { type Decision, grantStatus, mayIssue } from "./authorization.ts";
import type { Facts } from "./facts.ts";
import { markUse } from "./mark_use.ts";

const server = await testServer();
after(() => server.close());
const sub = await server.addUser("ada");
const { record: client } = await server.addClient(WEB);
const { epoch } = await server.server.store.currentState();
const ctx: Context = contextOf(server, START, epoch);
const { refresh_token_idle, session_idle } = ctx.settings.lifetimes;

const grantWith = (given: Partial<GrantRecord> = {}): GrantRecord =>
  sampleGrant({
    sub,
    client_id: client.client_id,
    epoch,
    generation: 1,
    created_at: START,
    permissions: [`${ISSUER} openid`, `${SNAPS} photos.read`],
    ...given,
  });
const facts = async (given: Partial<GrantRecord> = {}): Promise<Facts> => {
  const grant = grantWith(given);
  const session = grant.session_id === null ? null : await ctx.store.findSession(grant.session_id);
  return { grant, client, session, person: await ctx.users.find(grant.sub) };
};
const person = async (given: Partial<GrantRecord> = {}): Promise<Pick<Decision, "subject">> => ({
  subject: { kind: "person", facts: await facts(given) },
});
const itself = { subject: { kind: "client" } } as const;
const held = await facts();
const decide = (given: Partial<Decision> = {}): Decision => ({
  client,
  subject: { kind: "person", facts: held },
  token_type: "Bearer",
  audience: { aud: [ISSUER], scope: ["openid"], format: "jwt" },
  refresh_token: null,
  id_token: null,
  commit: async () => null,
  ...given,
});

const needing = (required_acr: Level) => ({
  ...client,
  metadata: { ...client.metadata, required_acr },
});
const MULTI = [
  { kind: "pwd", at: START - 9 },
  { kind: "totp", at: START - 8 },
] as const;

test("a grant is valid, or the reason why it is not is given", async () => {
  const live = sampleSession({ sub, seen_at: START, expires_at: START + 100 });
  const idle = sampleSession({ sub, seen_at: START - session_idle, expires_at: START + 100 });
  const over = sampleSession({ sub, seen_at: START, expires_at: START });
  for (const session of [live, idle, over]) await ctx.store.createSession(session);
  const disabled = { ...client, disabled_at: START };
  for (const [given, owner, lapse] of [
    [{}, client, null],
    [{ generation: 0 }, client, null],
    [{ session_id: live.session_id }, client, null],
    [{ used_at: START - refresh_token_idle + 1 }, client, null],
    [{ generation: 0, used_at: START - refresh_token_idle }, client, null],
    [{ expires_at: START + 1 }, client, null],
    [{ revoked_at: START - 1 }, client, "revoked"],
    [{ revoked_at: START + 99 }, client, "revoked"],
    [{ epoch: epoch - 1 }, client, "earlier epoch"],
    [{ expires_at: START }, client, "expired"],
    [{ used_at: START - refresh_token_idle }, client, "idle"],
    [{}, null, "client disabled"],
    [{}, disabled, "client disabled"],
    [{ sub: "gone" }, client, "person disabled"],
    [{ session_id: "gone" }, client, "session ended"],
    [{}, needing("single"), null],
    [{}, needing("multi"), "sign-in too weak"],
    [{ proofs: MULTI }, needing("multi"), null],
    [{ proofs: MULTI }, needing("phishing_resistant"), "sign-in too weak"],
    [{ session_id: idle.session_id }, client, "session ended"],
    [{ session_id: over.session_id }, client, "session ended"],
  ] as [Partial<GrantRecord>, ClientRecord | null, string | null][]) {
    const holding = grantStatus({ ...(await facts(given)), client: owner }, ctx);
    assert.equal(holding.holds ? null : holding.lapse, lapse, JSON.stringify(given));
    if (holding.holds) assert.equal(holding.person.sub, sub);
  }
});

test("a disabled person's grants are invalid, and valid again once enabled", async () => {
  const account = await ctx.store.findAccount(sub);
  assert.ok(account);
  await ctx.store.updateAccount({ ...account, disabled_at: START }, ["ada"]);
  assert.equal(grantStatus(await facts(), ctx).holds, false);
  const decision = decide(await person());
  assert.throws(() => mayIssue(decision, ctx), { error: "invalid_grant" });
  await ctx.store.updateAccount(account, ["ada"]);
  assert.equal(grantStatus(await facts(), ctx).holds, true);
});

test("the gate passes what was agreed, and nothing else", async () => {
  assert.equal(mayIssue(decide(), ctx).granted?.person.sub, sub);
  const disabled = { ...client, disabled_at: START };
  const audience = (scope: string[]) => ({ aud: [ISSUER] as const, scope, format: "jwt" as const });
  for (const [given, error] of [
    [{ client: disabled }, "invalid_client"],
    [await person({ client_id: "another" }), "invalid_grant"],
    [await person({ revoked_at: START }), "invalid_grant"],
    [await person({ expires_at: START }), "invalid_grant"],
    [await person({ sub: "gone" }), "invalid_grant"],
    [{ audience: audience(["photos.write"]) }, "invalid_scope"],
    [{ audience: audience(["openid", "photos.read", "email"]) }, "invalid_scope"],
    // Agreed for an API, and not for the issuer
    [{ audience: audience(["photos.read"]) }, "invalid_scope"],
    [{ client: disabled, ...itself }, "invalid_client"],
    [
      { client: { ...client, created_by: "user" }, ...itself, audience: audience([]) },
      "unauthorized_client",
    ],
    [{ ...itself, audience: audience(["openid"]) }, "invalid_scope"],
    [{ ...itself, audience: audience(["photos.read", "offline_access"]) }, "invalid_scope"],
  ] as [Partial<Decision>, string][])
    assert.throws(() => mayIssue(decide(given), ctx), { error }, JSON.stringify(given));
  const own = decide({ ...itself, audience: audience(["photos.read"]) });
  assert.equal(mayIssue(own, ctx).granted, null);
});

test("the gate refuses a client that authenticated as another version of its document, and mints for the one of the grant", async () => {
  const snapshot = { ...client.metadata, subject_type: "pairwise" } as const;
  const granted = { ...(await facts({ snapshot })), client: { ...client, metadata: snapshot } };
  const subject = { kind: "person", facts: granted } as const;
  assert.throws(() => mayIssue(decide({ subject }), ctx), { error: "invalid_client" });
  const same = structuredClone(granted.client);
  assert.equal(mayIssue(decide({ subject, client: same }), ctx).client, granted.client);
});

test("the reason of a refusal is for the log only", async () => {
  const decision = decide(await person({ revoked_at: START }));
  assert.throws(
    () => mayIssue(decision, ctx),
    (error) =>
      error instanceof Error &&
      !error.message.includes("revoked") &&
      "reason" in error &&
      JSON.stringify(error.reason).includes("revoked"),
  );
});

test("a grant made before its person or client was revoked is invalid", async () => {
  const { person } = await facts();
  assert.ok(person);
  const status = (given: object, owner = client) => {
    const found = grantStatus({ ...held, client: owner, person: { ...person, ...given } }, ctx);
    return found.holds ? null : found.lapse;
  };
  assert.equal(status({ ends_before: START }), null);
  assert.equal(status({ ends_before: START + 1 }), "person revoked");
  assert.equal(status({}, { ...client, ends_before: START }), null);
  assert.equal(status({}, { ...client, ends_before: START + 1 }), "client revoked");
});

test("using a bound grant keeps its session alive, and is written rarely", async () => {
  const session = sampleSession({ sub, seen_at: START, expires_at: START + 9_000_000 });
  await ctx.store.createSession(session);
  const used = await facts({ session_id: session.session_id, used_at: START });
  const seen = async () => (await ctx.store.findSession(session.session_id))?.seen_at;
  const every = Math.ceil(session_idle / 10);
  await markUse(used, { rotates: false }, { ...ctx, now: START + every - 1 });
  assert.equal(await seen(), START);
  await markUse(used, { rotates: false }, { ...ctx, now: START + every });
  assert.equal(await seen(), START + every);
  await markUse({ ...used, session: null }, { rotates: false }, { ...ctx, now: START + 2 * every });
  assert.equal(await seen(), START + every);
});
