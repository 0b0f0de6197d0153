import assert from "node:assert/strict";
import { after, test } from "node:test";
import { contextOf, ISSUER, START, testServer, WEB } from "../../test/support/server.ts";
import type { Context } from "../context.ts";
import { sampleGrant, sampleSession } from "../store/conformance/samples.ts";
import type { ClientRecord, GrantRecord } from "../store/records.ts";
import { type Decision, grantStatus, markUse, mayIssue } from "./authorization.ts";

const server = await testServer();
after(() => server.close());
const sub = await server.addUser("ada");
const { record: client } = await server.addClient(WEB);
const { epoch } = await server.server.store.refresh();
const ctx: Context = contextOf(server, START, epoch);
const { refresh_token_idle, session_idle } = ctx.settings.lifetimes;

const grantWith = (given: Partial<GrantRecord> = {}): GrantRecord =>
  sampleGrant({
    sub,
    client_id: client.client_id,
    epoch,
    generation: 1,
    created_at: START,
    scope: ["openid", "photos.read"],
    ...given,
  });
const decide = (given: Partial<Decision> = {}): Decision => ({
  client,
  grant: grantWith(),
  audience: { aud: [ISSUER], scope: ["openid"], format: "jwt" },
  refresh_token: null,
  id_token: null,
  async commit() {},
  ...given,
});

test("a grant holds, or says why it no longer does", async () => {
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
    [{ session_id: idle.session_id }, client, "session ended"],
    [{ session_id: over.session_id }, client, "session ended"],
  ] as [Partial<GrantRecord>, ClientRecord | null, string | null][]) {
    const holding = await grantStatus(grantWith(given), owner, ctx);
    assert.equal(holding.holds ? null : holding.lapse, lapse, JSON.stringify(given));
    if (holding.holds) assert.equal(holding.person.sub, sub);
  }
});

test("a disabled person's grants do not hold, and hold again when they are enabled", async () => {
  const account = await ctx.store.findAccount(sub);
  assert.ok(account);
  await ctx.store.updateAccount({ ...account, disabled_at: START }, ["ada"]);
  assert.equal((await grantStatus(grantWith(), client, ctx)).holds, false);
  await assert.rejects(mayIssue(decide(), ctx), { error: "invalid_grant" });
  await ctx.store.updateAccount(account, ["ada"]);
  assert.equal((await grantStatus(grantWith(), client, ctx)).holds, true);
});

test("the gate lets pass what was agreed, and nothing else", async () => {
  const { person } = await mayIssue(decide(), ctx);
  assert.equal(person?.sub, sub);
  const disabled = { ...client, disabled_at: START };
  const audience = (scope: string[]) => ({ aud: [ISSUER] as const, scope, format: "jwt" as const });
  for (const [given, error] of [
    [{ client: disabled }, "invalid_client"],
    [{ grant: grantWith({ client_id: "another" }) }, "invalid_grant"],
    [{ grant: grantWith({ revoked_at: START }) }, "invalid_grant"],
    [{ grant: grantWith({ expires_at: START }) }, "invalid_grant"],
    [{ grant: grantWith({ sub: "gone" }) }, "invalid_grant"],
    [{ audience: audience(["photos.write"]) }, "invalid_scope"],
    [{ audience: audience(["openid", "photos.read", "email"]) }, "invalid_scope"],
    [{ client: disabled, grant: null }, "invalid_client"],
    [
      { client: { ...client, created_by: "user" }, grant: null, audience: audience([]) },
      "unauthorized_client",
    ],
    [{ grant: null, audience: audience(["openid"]) }, "invalid_scope"],
    [{ grant: null, audience: audience(["photos.read", "offline_access"]) }, "invalid_scope"],
  ] as [Partial<Decision>, string][])
    await assert.rejects(mayIssue(decide(given), ctx), { error }, JSON.stringify(given));
  const own = decide({ grant: null, audience: audience(["photos.read"]) });
  assert.equal((await mayIssue(own, ctx)).person, null);
});

test("the reason of a refusal is for the log", async () => {
  await assert.rejects(
    mayIssue(decide({ grant: grantWith({ revoked_at: START }) }), ctx),
    (error) =>
      error instanceof Error &&
      !error.message.includes("revoked") &&
      "reason" in error &&
      JSON.stringify(error.reason).includes("revoked"),
  );
});

test("a use keeps the session alive that the grant is tied to, and is written rarely", async () => {
  const session = sampleSession({ sub, seen_at: START, expires_at: START + 9_000_000 });
  await ctx.store.createSession(session);
  const grant = grantWith({ session_id: session.session_id, used_at: START });
  const seen = async () => (await ctx.store.findSession(session.session_id))?.seen_at;
  const every = Math.ceil(session_idle / 10);
  await markUse(grant, { ...ctx, now: START + every - 1 });
  assert.equal(await seen(), START);
  await markUse(grant, { ...ctx, now: START + every });
  assert.equal(await seen(), START + every);
  await markUse({ ...grant, session_id: "gone" }, { ...ctx, now: START + 2 * every });
  await markUse({ ...grant, session_id: null }, { ...ctx, now: START + 2 * every });
  assert.equal(await seen(), START + every);
});
