/**
 * An operator sets a new password while a change by a thief, who knows the old one and has a session, is in flight.
 * In either order the operator's password holds, and nothing of the thief's survives.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { parseConfig } from "../../src/config.ts";
import type { Actor } from "../../src/operation.ts";
import { setPassword } from "../../src/people/change_password.ts";
import { revokePerson } from "../../src/people/end_person.ts";
import { methodsOf } from "../../src/store/methods.ts";
import { openStore } from "../../src/store/open_store.ts";
import type { Store } from "../../src/store/store.ts";
import { accountsOn, type Page, type TestBrowser, testBrowser } from "../support/browser.ts";
import { startPostgres } from "../support/postgres.ts";
import { PASSWORD, START, type TestServer, testServer } from "../support/server.ts";
import { SECRET } from "./failing_store.ts";

const THIEFS = "the password of a thief";
const OPERATORS = "the operator's own choice";
const OPERATOR: Actor = { kind: "operator", id: "root", via: "command" };

const folder = mkdtempSync(join(tmpdir(), "valetkey-race-"));
const postgres = await startPostgres();
after(async () => {
  rmSync(folder, { recursive: true });
  await postgres.stop();
});
let files = 0;
const databases = {
  SQLite: async () => `sqlite:${join(folder, `${++files}.sqlite`)}`,
  PostgreSQL: () => postgres.newDatabase(),
};

/** The next call of the operation waits here until it is released. */
interface Hold {
  /** Resolves when the call arrives. */
  reached: Promise<void>;
  letGo(): void;
}

interface Node {
  server: TestServer;
  hold(operation: keyof Store): Hold;
  /** Releases calls that a failed test left waiting. */
  close(): Promise<void>;
}

interface Scene extends AsyncDisposable {
  /** The thief uses the first node, the operator the second. */
  nodes: readonly [Node, Node];
  sub: string;
  /** Signed in, at the first node. */
  thief: TestBrowser;
  signIn(): Promise<void>;
  /** Opens the form and returns the function that submits it. */
  steal(): Promise<() => Promise<Page>>;
  /** @param behind seconds that the operator's clock is behind the node's */
  reset(behind?: number): Promise<unknown>;
  advance(seconds: number): void;
}

async function scene(database: string): Promise<Scene> {
  let time = START;
  const clock = () => time * 1000;
  const nodes = [await node(database, clock), await node(database, clock)] as const;
  const [{ server }, other] = nodes;
  const sub = await server.addUser("ada");
  const thief = testBrowser(server);
  const form = { action: "/account/security", having: { intent: "change_password" } };
  const set: Scene = {
    nodes,
    sub,
    thief,
    async signIn() {
      const page = await thief.signIn(await thief.get("/sign-in"), "ada");
      assert.equal(page.url.pathname, "/account");
    },
    async steal() {
      const page = await thief.get("/account/security");
      return () => thief.submit(page, { current_password: PASSWORD, new_password: THIEFS }, form);
    },
    reset(behind = 0) {
      const env = { ...other.server.server, clock: () => clock() - behind * 1000 };
      return setPassword({ sub, password: OPERATORS, revoke: true }, OPERATOR, env);
    },
    advance(seconds) {
      time += seconds;
    },
    async [Symbol.asyncDispose]() {
      for (const each of nodes) await each.close();
    },
  };
  await set.signIn();
  return set;
}

async function node(database: string, clock: () => number): Promise<Node> {
  const { lifetimes } = parseConfig({});
  const plain = methodsOf(openStore({ database, lifetimes }, { secret: SECRET }).store);
  const held = new Map<string, { come: () => void; go: Promise<void> }>();
  const store: Record<string, unknown> = {};
  for (const [name, run] of Object.entries(plain))
    store[name] = async (...args: unknown[]) => {
      const hold = held.get(name);
      held.delete(name);
      hold?.come();
      await hold?.go;
      return run(...args);
    };
  const runtime = { store: store as unknown as Store, secret: SECRET, clock };
  const server = await testServer({}, runtime);
  const all: (() => void)[] = [];
  return {
    server,
    async close() {
      for (const letGo of all) letGo();
      await server.close();
    },
    hold(operation) {
      let letGo = () => {};
      const go = new Promise<void>((resolve) => {
        letGo = resolve;
      });
      all.push(letGo);
      const reached = new Promise<void>((come) => held.set(operation, { come, go }));
      return { reached, letGo };
    },
  };
}

/** A node rereads its cached state within this many ms, by a clock that tests do not set. */
const NOTICED = 600;

async function assertOperatorWins({ nodes, thief, advance }: Scene, answer: Page): Promise<void> {
  await sleep(NOTICED);
  advance(60);
  for (const [i, { server }] of nodes.entries()) {
    const enters = async (password: string) => {
      const browser = testBrowser(server, { address: `192.0.2.${i + 1}` });
      const page = await browser.signIn(await browser.get("/sign-in"), "ada", password);
      return page.url.pathname === "/account";
    };
    assert.equal(await enters(OPERATORS), true, "the operator's password signs in");
    assert.equal(await enters(THIEFS), false, "the thief's password does not");
    assert.equal(await enters(PASSWORD), false, "the old password does not");
  }
  assert.equal((await thief.get("/account")).url.pathname, "/sign-in", "the thief is signed out");
  assert.ok(!answer.html.includes(THIEFS));
}

/** The actors of the password changes, one entry per change. */
const changes = async ({ nodes, sub }: Scene) => {
  const events = await nodes[1].server.server.store.listAudit({ sub, limit: 100 });
  const changed = events.filter(({ event }) => event === "password_changed");
  return changed.map(({ actor }) => actor).sort();
};

describe("a change of a password in flight", { concurrency: true }, () => {
  for (const [name, newDatabase] of Object.entries(databases))
    describe(name, () => {
      test("M1 the operator commits first: the thief's change in flight is refused", async () => {
        await using set = await scene(await newDatabase());
        const send = await set.steal();
        const write = set.nodes[0].hold("updateAccount");
        const answer = send();
        await write.reached;
        await set.reset();
        write.letGo();
        const page = await answer;
        assert.equal(page.url.pathname, "/sign-in");
        await assertOperatorWins(set, page);
        assert.deepEqual(await changes(set), ["operator"]);
      });

      test("M1 the thief commits first: the operator's password replaces theirs", async () => {
        await using set = await scene(await newDatabase());
        const write = set.nodes[1].hold("updateAccount");
        const reset = set.reset();
        await write.reached;
        const page = await (await set.steal())();
        assert.match(page.html, /Your password is changed/);
        write.letGo();
        await reset;
        await assertOperatorWins(set, page);
        assert.deepEqual(await changes(set), ["operator", "person"]);
      });

      test("M1 an operator's reset between the thief's change and its new cookie leaves that cookie worthless", async () => {
        for (const [at, behind] of [
          ["renewSession", 0],
          ["findSession", 0],
          ["renewSession", 5],
        ] as const) {
          await using set = await scene(await newDatabase());
          const send = await set.steal();
          const write = set.nodes[0].hold("updateAccount");
          const answer = send();
          await write.reached;
          const renewal = set.nodes[0].hold(at);
          write.letGo();
          await renewal.reached;
          await set.reset(behind);
          renewal.letGo();
          await assertOperatorWins(set, await answer);
          assert.deepEqual(await changes(set), ["operator", "person"], at);
        }
      });

      test("M1 a change whose session was ended meanwhile, by its owner or an operator, is refused", async () => {
        const ends: Record<string, (set: Scene) => Promise<unknown>> = {
          "the owner signs out everywhere else": async ({ nodes: [, { server }] }) => {
            const owner = testBrowser(server);
            await owner.signIn(await owner.get("/sign-in"), "ada");
            const form = { action: "/account/security", having: { intent: "end_other_sessions" } };
            return owner.submit(await owner.get("/account/security"), {}, form);
          },
          "an operator revokes": ({ sub, nodes }) =>
            revokePerson({ sub, forget: false }, OPERATOR, nodes[1].server.server),
        };
        for (const [who, end] of Object.entries(ends)) {
          await using set = await scene(await newDatabase());
          const send = await set.steal();
          const write = set.nodes[0].hold("updateAccount");
          const answer = send();
          await write.reached;
          await end(set);
          write.letGo();
          assert.equal((await answer).url.pathname, "/sign-in", who);
          await sleep(NOTICED);
          set.advance(60);
          const owner = testBrowser(set.nodes[0].server);
          const page = await owner.signIn(await owner.get("/sign-in"), "ada", PASSWORD);
          assert.equal(page.url.pathname, "/account", `${who}: the old password still holds`);
          assert.deepEqual(await changes(set), [], who);
        }
      });

      test("M1 another account of the browser is not taken for the one whose session was ended meanwhile", async () => {
        await using set = await scene(await newDatabase());
        const { thief, nodes } = set;
        await nodes[0].server.addUser("bob");
        for (const username of ["bob", "ada"])
          await thief.signIn(await thief.get("/sign-in?other=yes"), username);
        const send = await set.steal();
        const write = nodes[0].hold("updateAccount");
        const answer = send();
        await write.reached;
        await revokePerson({ sub: set.sub, forget: false }, OPERATOR, nodes[1].server.server);
        write.letGo();
        const page = await answer;
        assert.equal(page.url.pathname, "/select-account");
        assert.deepEqual(Object.keys(accountsOn(page)), ["bob"]);
      });

      test("M1 an unrelated change of the account meanwhile is kept along with the new password", async () => {
        await using set = await scene(await newDatabase());
        const { store } = set.nodes[1].server.server;
        const send = await set.steal();
        const write = set.nodes[0].hold("updateAccount");
        const answer = send();
        await write.reached;
        const before = await store.findAccount(set.sub);
        assert.ok(before);
        assert.ok(await store.updateAccount({ ...before, is_admin: true }, ["ada"], { before }));
        write.letGo();
        assert.match((await answer).html, /Your password is changed/);
        const now = await store.findAccount(set.sub);
        assert.equal(now?.is_admin, true);
        assert.notEqual(now?.password_hash, before.password_hash);
      });

      test("M1 changes at the same moment, repeated with several offsets", async () => {
        await using set = await scene(await newDatabase());
        const [{ server }] = set.nodes;
        for (const [thief, operator] of [
          [0, 0],
          [0, 30],
          [0, 60],
          [30, 0],
          [60, 0],
        ] as const) {
          const send = await set.steal();
          const sent = sleep(thief).then(send);
          await sleep(operator).then(() => set.reset());
          await assertOperatorWins(set, await sent);
          const again = { sub: set.sub, password: PASSWORD, revoke: false };
          await setPassword(again, OPERATOR, server.server);
          set.advance(1000);
          await set.signIn();
        }
      });
    });
});
