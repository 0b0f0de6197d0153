/** Several accounts of one app: who is who, and what becomes of the sessions that others replace. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { lastSession, whoami } from "../../../src/sdk/client/terminal/command.ts";
import { accounts, openSession, signIn } from "../../../src/sdk/client/terminal/terminal.ts";
import { demoBrowser } from "../../support/demo_browser.ts";
import { failure } from "../failure.ts";
import { ADDRESS } from "./address.ts";
import { APP, AT_A_DESK, CLIENT, fileOf } from "./scene.ts";
import { scene, signedIn } from "./signing.ts";

/** Accounts in the file, in the order of the sign-ins. */
const accountsIn = (home: string): string[] =>
  Object.keys(JSON.parse(readFileSync(fileOf(home), "utf8")).sessions).map(
    (name) => name.split(" ")[2] ?? "",
  );

/** A token that was not refreshed is of no use here: the provider is asked for another one. */
const NEW = { minimumLife: 100_000 };

test("several accounts: named by the app or after the person; the last one is the current one", async (t) => {
  const { home, issuer, by, options } = await signedIn(t);
  const work = await by({ account: "work" });
  assert.equal(work.session.account, "work");
  assert.equal(new URL(work.address ?? "").searchParams.get("login_hint"), null);
  const hinted = await by({ account: "grace@example.com" });
  assert.equal(new URL(hinted.address ?? "").searchParams.get("login_hint"), "grace@example.com");
  const current = async (account?: string) =>
    (await openSession({ ...options, ...(account !== undefined && { account }) }))?.account;
  assert.equal(await current(), "grace@example.com");
  assert.equal(await current("work"), "work");
  assert.equal(await current("nobody"), undefined);
  const { sessions } = JSON.parse(readFileSync(fileOf(home), "utf8"));
  assert.deepEqual(
    Object.keys(sessions),
    ["ada@example.com", "work", "grace@example.com"].map((each) => `${issuer.issuer} app ${each}`),
  );
  await hinted.session.signOut();
  assert.equal(await current(), undefined, "no other account takes its place");
  assert.equal(await current("work"), "work");
  assert.deepEqual(await lastSession(APP), { issuer: issuer.issuer, clientId: "app" });
  await by({ account: "work" });
});

test("somebody else than the address that was asked for gets no session, and no grant", async (t) => {
  const { home, issuer, by } = await signedIn(t);
  const before = readFileSync(fileOf(home), "utf8");
  const revoked = issuer.requests.filter(({ path }) => path === "/revoke").length;
  const error = await by({ account: "bob@example.com" }, "ada").catch((reason) => reason);
  const message = /ada@example\.com signed in, and bob@example\.com was asked for/;
  failure("wrong_account", message)(error);
  assert.match(error.page, /Not signed in to snaps wrong_account/);
  assert.match(error.page, message);
  assert.equal(readFileSync(fileOf(home), "utf8"), before);
  assert.equal(issuer.requests.filter(({ path }) => path === "/revoke").length, revoked + 1);
  const { session } = await by();
  assert.ok(await session.token(NEW), "the session that was there lives on");
  assert.equal(
    (await by({ account: "Ada@Example.com" }, "ada")).session.user?.email,
    "ada@example.com",
  );
});

test("under a name that the app has chosen, the real person is shown", async (t) => {
  const { by } = await signedIn(t);
  const { page, ui, session } = await by({ account: "work" });
  assert.equal(session.account, "work");
  await ui.sees(/^Signed in to snaps as ada@example\.com \(account work\)\.$/m);
  assert.match(page, /You are ada@example\.com \(account work\)\. You can close/);
});

test("a session that a new sign-in replaces is ended at the provider, and the new one lives", async (t) => {
  const { home, issuer, by } = await signedIn(t);
  const tokenIn = () =>
    JSON.parse(readFileSync(fileOf(home), "utf8")).sessions[`${issuer.issuer} app ada@example.com`]
      .plain.refresh_token;
  const old = tokenIn();
  const { session } = await by({ force: true });
  const refresh = (refresh_token: string) =>
    fetch(`${issuer.issuer}/token`, {
      method: "POST",
      body: new URLSearchParams({ grant_type: "refresh_token", client_id: "app", refresh_token }),
    });
  assert.equal((await refresh(old)).status, 400);
  assert.ok(await session.token(NEW));
  // The provider can't be told: the sign-in has succeeded all the same.
  issuer.fault.fail("/revoke", 503);
  assert.ok(await (await by({ force: true })).session.token(NEW));
});

test("other scopes give the same person another name, and no second account", async (t) => {
  const { home, by, options } = await signedIn(t);
  const { session } = await by({ scope: "openid offline_access photos" });
  const id = session.user?.id ?? "";
  assert.deepEqual(accountsIn(home), [id]);
  await by({ account: "work", scope: "openid email offline_access" });
  await by({ scope: "openid email offline_access", force: true });
  assert.deepEqual(accountsIn(home), ["work", "ada@example.com"], "a chosen name stays");
  await (await openSession(options))?.signOut();
  assert.equal(await openSession(options), null);
  assert.deepEqual(accountsIn(home), ["work"]);
});

test("signIn makes the account that it names the current one; accounts() lists all", async (t) => {
  const { by, options } = await signedIn(t);
  await by({ account: "work" });
  assert.deepEqual(await accounts(options), [
    { account: "work", current: true },
    { account: "ada@example.com", current: false },
  ]);
  assert.equal((await by({ account: "ada@example.com" })).address, null, "nobody is asked");
  assert.equal((await openSession(options))?.account, "ada@example.com");
  await openSession({ ...options, account: "work" });
  assert.equal((await openSession(options))?.account, "ada@example.com");
  await (await openSession(options))?.signOut();
  assert.deepEqual(await accounts(options), [{ account: "work", current: false }]);
});

test("where nobody can be asked, the error names the accounts that are signed in", async (t) => {
  const { by, options } = await signedIn(t);
  const never = { ...options, interactive: "never" } as const;
  await by({ account: "work" });
  const cases = [
    [{ account: "wrok" }, /wrok is not signed in to snaps here; signed in: work, ada@example\.com/],
    [{ force: true }, /a new sign-in to snaps was asked for \(force\), and nobody can be asked/],
  ] as const;
  for (const [more, message] of cases)
    await assert.rejects(signIn({ ...never, ...more }), failure("sign_in_needed", message));
  await (await openSession(options))?.signOut();
  await assert.rejects(
    signIn(never),
    failure("sign_in_needed", /no account of snaps is the current one; signed in: ada@example/),
  );
  await assert.rejects(
    whoami(options),
    failure("sign_in_needed", /signed in: ada@example\.com. hint: name one, or run snaps login$/),
  );
});

test("a session says which scopes were granted, and does not ask again for one that was not", async (t) => {
  const client = { ...CLIENT, scope: "openid email offline_access photos.read" };
  const resource = "https://api.test";
  const config = {
    scopes: { "photos.read": { text: "See photos" }, "photos.write": { text: "Add photos" } },
    resources: { [resource]: { name: "Photos", scopes: ["photos.read", "photos.write"] } },
  };
  const { home, ui, options } = await scene(t, AT_A_DESK, { clients: [client], config });
  const scope = "openid email offline_access photos.read photos.write";
  const asked = { ...options, scope, resource };
  const signing = signIn(asked);
  const [, address = ""] = await ui.sees(ADDRESS);
  await demoBrowser().get(address);
  const granted = ["openid", "email", "offline_access", "photos.read"];
  assert.deepEqual((await signing).scope, granted);
  const session = await signIn({ ...asked, interactive: "never" });
  assert.deepEqual(session.scope, granted);
  await session.token(NEW);
  assert.deepEqual((await openSession(options))?.scope, granted);
  assert.match(
    readFileSync(fileOf(home), "utf8"),
    /"granted": "openid email offline_access photos.read"/,
  );
});
