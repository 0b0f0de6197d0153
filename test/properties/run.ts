/** Executes commands on a real server and on the model, and compares after each. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { hash } from "@node-rs/argon2";
import { makeSigningKey } from "../../src/crypto/signing_key.ts";
import { loginsOf, newAccount } from "../../src/people/account.ts";
import {
  authorizationUrl,
  disconnect,
  type Page,
  type TestBrowser,
  testBrowser,
} from "../support/browser.ts";
import { introspect, post, redeem, refresh, type TokenAnswer, userinfo } from "../support/flow.ts";
import {
  CONFIG,
  ISSUER,
  NATIVE,
  PASSWORD,
  PRINTS,
  SNAPS,
  START,
  type TestClient,
  type TestServer,
  testServer,
  WEB,
} from "../support/server.ts";
import type { Command } from "./commands.ts";
import * as model from "./model.ts";

/** A database with a server that is stopped and started again in between. */
export interface World extends Omit<TestServer, "server"> {
  current(): TestServer;
  restart(): Promise<void>;
}

export async function openWorld(database: string, secret: string): Promise<World> {
  let time = START;
  // Failed sign-ins of a disabled person count; their rate limit is tested elsewhere.
  const sign_in_limits = { account: 1e6, address: 1e6, window: 900 };
  const config = { ...CONFIG, database, sign_in_limits };
  const start = () => testServer(config, { secret, clock: () => time * 1000 });
  let server = await start();
  const close = () => server.close();
  return {
    ...server,
    current: () => server,
    now: () => time,
    advance(seconds) {
      time += seconds;
    },
    async restart() {
      await server.close();
      server = await start();
    },
    fetch: (request, peer) => server.fetch(request, peer),
    addClient: (metadata, options) =>
      server.addClient(metadata, { client_id: randomUUID(), ...options }),
    close,
    [Symbol.asyncDispose]: close,
  };
}

interface Human extends model.Person {
  browser: TestBrowser;
}
interface App extends model.Client {
  real: TestClient;
  redirect_uri: string;
}
interface Held extends model.AccessToken {
  text: string;
  grant: Case;
  kid: string | null;
}
interface Case extends model.Grant {
  person: Human;
  client: App;
  code: string;
  /** By generation, beginning with 1. */
  refresh_tokens: string[];
  /** The consent form that led here, and the checkboxes ticked in it. */
  form: { page: Page; fields: Record<string, string | string[]>; until: number } | null;
}

let cheap: Promise<string> | null = null;

/** One run: people and apps of its own, on a database that other runs have used before. */
export async function runCommands(world: World, commands: readonly Command[]): Promise<void> {
  const run = await newRun(world);
  for (const [i, command] of commands.entries()) {
    try {
      await run.act(command);
      await run.check(i === commands.length - 1);
    } catch (error) {
      if (error instanceof Error) error.message += `\n(command ${i}: ${JSON.stringify(command)})`;
      throw error;
    }
  }
}

async function newRun(world: World) {
  const people: Human[] = [];
  for (const name of ["ada", "bob"]) people.push(await newPerson(world, name));
  const apps = await newApps(world);
  const apis = new Map<string, TestClient>();
  for (const resource of [SNAPS, PRINTS])
    apis.set(resource, await world.addClient({ ...WEB, client_name: "API" }, { resource }));
  const consents = new Map<string, model.Consent>();
  const cases: Case[] = [];
  const tokens: Held[] = [];
  const withdrawn = new Set<string>();
  const { now } = world;
  const pick = <T>(list: readonly T[], which: number): T | undefined => list[which % list.length];
  const consentOf = ({ sub }: Human, { real }: App) => `${sub} ${real.client_id}`;

  async function authorize(command: Command): Promise<void> {
    const [person, client] = [pick(people, command.person), pick(apps, command.client)];
    assert.ok(person && client);
    const { redirect_uri } = client;
    const { scope, resource, prompt } = command;
    const parameters = { scope: scope.join(" "), resource, prompt, redirect_uri };
    const asked = model.request(scope, resource, client);
    let page = await person.browser.get(authorizationUrl(client.real, parameters));
    const error = () => page.url.searchParams.get("error");
    if (client.disabled) return assert.equal(page.status, 403);
    if (model.namesOf(asked.permissions).length === 0)
      return assert.equal(error(), "invalid_scope");
    const silent = prompt === "none";
    if (prompt === "login" || !model.isSignedIn(person, now())) {
      model.markSession(person.session, person.disabled ? Number.NaN : now());
      if (silent) return assert.equal(error(), "login_required");
      assert.equal(page.url.pathname, "/sign-in", page.url.href);
      page = await person.browser.signIn(page, person.username);
      if (person.disabled) return assert.equal(page.status, 401);
      model.signIn(person, now());
    }
    model.markSession(person.session, now());
    const key = consentOf(person, client);
    const before = consents.get(key);
    let answer = prompt === "consent" ? null : model.standing(client, asked, before);
    let form: Case["form"] = null;
    if (!answer) {
      if (silent) return assert.equal(error(), "consent_required");
      assert.equal(
        page.url.pathname,
        "/consent",
        `a code without consent: ${page.status} ${page.url.href.slice(0, 200)}`,
      );
      const { permissions } = asked;
      const ticked = permissions.filter((_, i) => ((command.ticks >> i) & 1) === 1);
      const agreed = permissions.filter((each) => each === model.SIGN_IN || ticked.includes(each));
      const decision = command.deny ? "deny" : "allow";
      const fields = { decision, permission: ticked };
      form = { page, fields, until: now() + model.LIFE.request };
      page = await person.browser.submit(page, fields, "/consent");
      if (command.deny || agreed.length === 0) return assert.equal(error(), "access_denied");
      const refused = permissions.filter((each) => !agreed.includes(each));
      answer = { how: "answered", agreed, refused };
    }
    const code = page.url.searchParams.get("code") ?? "";
    assert.match(code, /^vkc_/, page.url.href);
    consents.set(key, model.merged(before, answer));
    if (model.takesBack(before, answer))
      for (const grant of cases)
        if (grant.person === person && grant.client === client) grant.revoked = true;
    const grant = model.newGrant({ person, client }, asked, answer, now());
    cases.push({ ...grant, person, client, code, refresh_tokens: [""], form });
  }

  /** Checks tokens: they agree with the model and exceed neither the grant nor the consent. */
  function received(
    { status, body }: TokenAnswer,
    grant: Case,
    expected: { aud: string[]; scope: string[] },
  ): void {
    assert.equal(status, 200, `an honest client was refused: ${body.error_description}`);
    const scope = body.scope?.split(" ") ?? [];
    assert.ok(
      model.isWithin(scope, model.namesOf(grant.permissions)),
      `${scope}: more than agreed`,
    );
    const { client, person } = grant;
    const { agreed = [], waived = [] } = consents.get(consentOf(person, client)) ?? {};
    assert.ok(model.isWithin(scope, model.namesOf([...agreed, ...waived])), "no consent");
    assert.ok(model.isWithin(scope, client.allowed ?? scope), `${scope}: not for this client`);
    assert.ok(!client.disabled && !person.disabled);
    assert.deepEqual(scope, expected.scope);
    const expires_at = Math.min(now() + model.LIFE.access_token, grant.expires_at);
    assert.equal(body.expires_in, expires_at - now());
    const { access_token: text } = body;
    const [head = ""] = text.split(".");
    const kid = text.startsWith("vka_") ? null : JSON.parse(atob(head)).kid;
    const { access_epoch } = grant;
    tokens.push({ text, grant, kid, expires_at, access_epoch, ...expected });
  }
  function refused({ status, body }: TokenAnswer): void {
    assert.ok(status === 400 || status === 401, `${status}`);
    assert.deepEqual(
      [body.access_token, body.refresh_token, body.id_token],
      Array(3).fill(undefined),
    );
  }

  async function redeemCode(grant: Case, command: Command): Promise<void> {
    const { client, code } = grant;
    const { part, target } = command;
    const scope = part?.join(" ");
    const guess = command.what === "redeem without the verifier";
    const verifier = guess ? { code_verifier: "x".repeat(43) } : {};
    const send = () => redeem(world, client.real, code, { scope, resource: target, ...verifier });
    const twice = command.what === "redeem twice at once";
    const answers = await Promise.all(twice ? [send(), send()] : [send()]);
    const expected = model.audience(grant, part, target);
    const fresh = grant.generation === 0 && grant.code_expires_at > now();
    const good = !guess && expected !== null && fresh && model.holds(grant, now());
    const spent = grant.generation > 0;
    const reached = !client.disabled && !guess;
    if (good) {
      const won = answers.filter(({ status }) => status === 200);
      assert.equal(won.length, 1, `${won.length} of ${answers.length} redemptions`);
      for (const answer of won) {
        received(answer, grant, expected);
        Object.assign(grant, { generation: 1, advanced_at: now(), used_at: now() });
        grant.refresh_tokens[1] = answer.body.refresh_token;
      }
      if (twice) grant.revoked = true;
    } else answers.map(refused);
    if (spent && reached) grant.revoked = true;
  }

  async function refreshToken(grant: Case, command: Command): Promise<void> {
    const { client, refresh_tokens, generation } = grant;
    if (generation === 0) return;
    const newest = command.what !== "refresh with an old token";
    const at = newest ? generation : 1 + (command.which % generation);
    const token = refresh_tokens[at] ?? "";
    const { part, target } = command;
    const parameters = { scope: part?.join(" "), resource: target };
    const send = () => refresh(world, client.real, token, parameters);
    const twice = command.what === "refresh twice at once";
    const answers = await Promise.all(twice ? [send(), send()] : [send()]);
    const stands = model.stands(at, grant, now());
    const expected = model.audience(grant, part, target);
    if (stands === "leaked") {
      answers.map(refused);
      if (!client.disabled) grant.revoked = true;
      return;
    }
    if (!expected || !model.holds(grant, now())) return void answers.map(refused);
    model.refreshed(grant, at, now());
    for (const answer of answers) {
      received(answer, grant, expected);
      const rotates = client.real.record.metadata.token_endpoint_auth_method === "none";
      const next = rotates ? at + 1 : at;
      refresh_tokens[next] ??= answer.body.refresh_token;
      assert.equal(answer.body.refresh_token, refresh_tokens[next], "two live chains");
    }
  }

  async function revoke(command: Command): Promise<void> {
    const grant = pick(cases, command.which);
    if (!grant) return;
    const other = command.what === "revoke as another client";
    const client = other
      ? pick(
          apps.filter((app) => app !== grant.client),
          command.client,
        )
      : grant.client;
    assert.ok(client);
    const held = pick(
      tokens.filter((token) => token.grant === grant),
      command.ticks,
    );
    const access = command.what === "revoke an access token" || (other && command.deny);
    const token = access ? held?.text : pick(grant.refresh_tokens.slice(1), command.ticks);
    if (token === undefined) return;
    const active = held ? isActive(held) : false;
    const { status } = await post(world, "/revoke", { client: client.real, token });
    assert.equal(status, client.disabled ? 401 : 200);
    if (client.disabled || other) return;
    if (!access) grant.revoked = true;
    else if (active) grant.access_epoch += 1;
  }

  /** Submits the same consent form again: it gives the same code or none. */
  async function submitAgain(grant: Case): Promise<void> {
    const { form, person, client, code } = grant;
    if (!form) return;
    const page = await person.browser.submit(form.page, form.fields, "/consent");
    model.markSession(person.session, person.disabled ? Number.NaN : now());
    const again = page.url.searchParams.get("code");
    if (again === null) return;
    assert.equal(again, code, "a second code for one answer");
    assert.equal(grant.generation, 0);
    assert.ok(model.holds(grant, now()) && grant.code_expires_at > now() && form.until > now());
    assert.ok(!client.disabled);
  }

  async function setDisabled(command: Command): Promise<void> {
    const { store } = world.current().server;
    const disabled_at = command.deny ? now() : null;
    if (command.what === "disable or enable a person") {
      const person = pick(people, command.person);
      const account = await store.findAccount(person?.sub ?? "");
      assert.ok(person && account);
      assert.ok(
        await store.updateAccount({ ...account, disabled_at }, loginsOf(account), {
          before: account,
        }),
      );
      person.disabled = command.deny;
    } else {
      const client = pick(apps, command.client);
      const record = await store.findClient(client?.real.client_id ?? "");
      assert.ok(client && record);
      assert.ok(await store.updateClient({ ...record, disabled_at }, { before: record }));
      client.disabled = command.deny;
    }
  }

  async function allow(command: Command): Promise<void> {
    const { store } = world.current().server;
    const client = pick(apps, command.client);
    const record = await store.findClient(client?.real.client_id ?? "");
    assert.ok(client && record);
    const { scope: _, ...rest } = record.metadata;
    const scope = command.deny ? { scope: command.scope.join(" ") } : {};
    assert.ok(
      await store.updateClient({ ...record, metadata: { ...rest, ...scope } }, { before: record }),
    );
    client.allowed = command.deny ? command.scope : null;
  }

  async function removeConsent(command: Command): Promise<void> {
    const [person, client] = [pick(people, command.person), pick(apps, command.client)];
    assert.ok(person && client);
    const { client_id } = client.real;
    const page = await person.browser.get("/account");
    const signed_in = model.isSignedIn(person, now());
    assert.equal(page.url.pathname, signed_in ? "/account" : "/sign-in");
    if (!signed_in) return;
    model.markSession(person.session, now());
    assert.equal(page.html.includes(client_id), consents.has(consentOf(person, client)));
    if (!page.html.includes(client_id)) return;
    await disconnect(person.browser, { client_id });
    consents.delete(consentOf(person, client));
    for (const grant of cases)
      if (grant.person === person && grant.client === client) grant.revoked = true;
  }

  async function signOut({ person: which }: Command): Promise<void> {
    const person = pick(people, which);
    if (!person || !model.isSignedIn(person, now())) return;
    await person.browser.submit(await person.browser.get("/sign-out"), {}, "/sign-out");
    if (person.session) person.session.ended = true;
  }

  /** A new key signs at once; the previous one, which the thief has, is withdrawn or stays published. */
  async function rotateKeys(withdraw: boolean): Promise<void> {
    const { store, secrets } = world.current().server;
    const live = (await store.listSigningKeys()).filter((key) => key.retired_at === null);
    const before = live.filter(({ alg }) => alg === "ES256");
    const signs_at = Math.max(now(), 1 + (before[0]?.signs_at ?? 0));
    const key = await makeSigningKey("ES256", { created_at: now(), signs_at }, { secrets });
    if (signs_at > now()) world.advance(signs_at - now());
    assert.ok(await store.addSigningKey(key, Number.MAX_SAFE_INTEGER));
    for (const { kid } of before.slice(withdraw ? 0 : 2)) {
      await store.retireSigningKey(kid, now());
      withdrawn.add(kid);
    }
  }

  const isActive = (token: Held): boolean =>
    model.isActive(token, token.grant, now()) && !withdrawn.has(token.kid ?? "");

  /** Whether the server shows an access token as active; null if no client may ask. */
  async function shown({ text, aud, scope, grant }: Held): Promise<boolean | null> {
    if (aud.includes(ISSUER) && scope.includes("openid")) {
      const { status, body } = await userinfo(world, text);
      if (status === 200) assert.equal(body.sub, grant.person.sub);
      return status === 200;
    }
    const asking = apis.get(aud[0] ?? "");
    if (!asking) return null;
    const seen = await introspect(world, asking, text);
    const names = typeof seen.scope === "string" ? seen.scope.split(" ") : [];
    assert.ok(
      model.isWithin(names, model.namesOf(grant.permissions)),
      `${names}: more than agreed`,
    );
    return seen.active === true;
  }

  return {
    async act(command: Command): Promise<void> {
      const grant = pick(cases, command.which);
      const { what } = command;
      if (what === "authorize") return authorize(command);
      if (what === "advance the clock") return world.advance(command.seconds);
      if (what === "restart") return world.restart();
      if (what === "clean up") return void (await world.current().server.store.sweep(now(), 500));
      if (what === "rotate keys") return rotateKeys(command.deny);
      if (what === "sign out") return signOut(command);
      if (what === "remove consent") return removeConsent(command);
      if (what.startsWith("disable or enable")) return setDisabled(command);
      if (what === "let an app ask for less or for all") return allow(command);
      if (what.startsWith("revoke")) return revoke(command);
      if (!grant) return;
      if (what.startsWith("redeem")) return redeemCode(grant, command);
      if (what.startsWith("refresh")) return refreshToken(grant, command);
      return submitAgain(grant);
    },

    /** Revoked tokens are inactive and all others active: checks the newest after each command, all at the end. */
    async check(all: boolean): Promise<void> {
      for (const token of all ? tokens : tokens.slice(-4)) {
        const active = await shown(token);
        if (active !== null) assert.equal(active, isActive(token), token.text.slice(0, 60));
      }
      for (const grant of all ? cases : cases.slice(-2)) {
        if (grant.client.kind !== "confidential" || grant.generation === 0) continue;
        if (grant.client.disabled) continue;
        const seen = await introspect(world, grant.client.real, grant.refresh_tokens[1] ?? "");
        assert.equal(seen.active, model.holds(grant, now()));
      }
    },
  };
}

async function newPerson(world: World, name: string): Promise<Human> {
  // Useless against thieves, but fast.
  cheap ??= hash(PASSWORD, { memoryCost: 8, timeCost: 1, parallelism: 1 });
  const username = `${name}-${randomUUID()}`;
  const rest = { password_hash: await cheap, login_email: null, now_ms: world.now() * 1000 };
  const account = newAccount({ username, is_admin: false }, rest);
  await world.current().server.store.createAccount(account, loginsOf(account));
  const browser = testBrowser(world);
  return { username, sub: account.sub, disabled: false, session: null, browser };
}

async function newApps(world: World): Promise<App[]> {
  const [site = ""] = WEB.redirect_uris;
  const local = "http://127.0.0.1:7777/callback";
  const open = { ...WEB, token_endpoint_auth_method: "none" };
  const add = async (
    kind: App["kind"],
    metadata: object,
    { redirect_uri = site, trusted = false } = {},
  ): Promise<App> => {
    const real = await world.addClient(metadata, { trusted });
    return { kind, disabled: false, allowed: null, real, redirect_uri };
  };
  return [
    await add("confidential", WEB),
    await add("public", open),
    await add("on this computer", NATIVE, { redirect_uri: local }),
    await add("trusted", WEB, { trusted: true }),
  ];
}
