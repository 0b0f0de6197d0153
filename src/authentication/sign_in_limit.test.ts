import assert from "node:assert/strict";
import { after, test } from "node:test";
import { contextOf, START, testServer } from "../../test/support/server.ts";
import type { Context } from "../context.ts";
import { TooBusy } from "../people/password.ts";
import type { Person, Users } from "../people/users.ts";
import { tryPassword } from "./sign_in_limit.ts";
import { countSignUp } from "./sign_up_limit.ts";

const PASSWORD = "right";
const people = new Map(
  ["ada", "bob", "off"].map((name): [string, Person] => [
    name,
    {
      sub: `sub of ${name}`,
      username: name,
      claims: {},
      is_admin: false,
      disabled: name === "off",
    },
  ]),
);
let checks = 0;
const checked: (string | undefined)[] = [];
let busy = false;
/** A store of people without hashing, which would only make these tests slow. */
const users: Users = {
  find: async (sub) => [...people.values()].find((person) => person.sub === sub) ?? null,
  // Ada has many addresses.
  findByLogin: async (login) =>
    people.get(login.toLowerCase().replace(/^ada\S*@mail\.test$/, "ada")) ?? null,
  async verifyPassword(person, password) {
    checks += 1;
    checked.push(person?.sub);
    await new Promise((resolve) => setImmediate(resolve));
    if (busy) throw new TooBusy("busy");
    return person !== null && password === PASSWORD;
  },
};
const server = await testServer({ users, sign_in_limits: { account: 5, address: 20 } });
after(() => server.close());

let networks = 0;
/** A network of its own for each test, so that none waits for another. */
const network = (): string => {
  networks += 1;
  return `198.51.100.${networks}`;
};
async function attempt(
  address: string,
  given: { login?: string; password?: string; at?: number; known?: string[] } = {},
): Promise<string> {
  const { login = "ada", password = "wrong", at = 0, known = [] } = given;
  const ctx: Context = contextOf(server, START + at);
  const verdict = await tryPassword({ login, password, address, known }, ctx);
  if ("person" in verdict) return "in";
  return verdict.problem === "throttled" ? `wait ${verdict.seconds}` : "wrong";
}
async function wrong(times: number, address: string, given: Parameters<typeof attempt>[1] = {}) {
  for (let i = 0; i < times; i += 1) assert.equal(await attempt(address, given), "wrong");
}

test("after five wrong passwords a network must wait for that account; the right password works after that", async () => {
  const here = network();
  await wrong(5, here);
  assert.equal(await attempt(here), "wait 2");
  assert.equal(await attempt(here, { password: PASSWORD }), "wait 2");
  assert.equal(await attempt(here, { at: 1 }), "wait 1");
  assert.equal(await attempt(here, { at: 2, password: PASSWORD }), "in");
  // the counter starts again
  await wrong(5, here, { at: 3 });
  assert.equal(await attempt(here, { at: 3 }), "wait 2");
});

test("the wait doubles up to 60 s, and tries during a wait do not extend it", async () => {
  const here = network();
  await wrong(5, here);
  let at = 0;
  for (const seconds of [2, 4, 8, 16, 32, 60, 60]) {
    assert.equal(await attempt(here, { at }), `wait ${seconds}`);
    assert.equal(await attempt(here, { at: at + seconds - 1 }), "wait 1");
    at += seconds;
    assert.equal(await attempt(here, { at }), "wrong");
  }
});

test("L4: wrong passwords do not limit other networks or other accounts", async () => {
  const [here, there] = [network(), network()];
  await wrong(5, here);
  assert.equal(await attempt(here), "wait 2");
  assert.equal(await attempt(there, { password: PASSWORD }), "in");
  assert.equal(await attempt(here, { login: "bob", password: PASSWORD }), "in");
});

test("L2: all spellings of a name share one counter", async () => {
  const here = network();
  for (const login of ["ada", "ADA", "Ada", "aDa", "adA"]) await wrong(1, here, { login });
  assert.equal(await attempt(here, { login: "AdA" }), "wait 2");
});

test("L1: an unknown name is limited like an existing one", async () => {
  const here = network();
  for (const login of ["nobody", "NOBODY", " nobody", "n\uff4fbody", "nobody"])
    await wrong(1, here, { login });
  assert.equal(await attempt(here, { login: "nobody" }), "wait 2");
  const there = network();
  await wrong(5, there, { login: "no login at all" });
  assert.equal(await attempt(there, { login: "no login at all" }), "wait 2");
});

test("L5: of 200 concurrent guesses five are checked", async () => {
  const here = network();
  const before = checks;
  const outcomes = await Promise.all(Array.from({ length: 200 }, () => attempt(here)));
  assert.equal(outcomes.filter((outcome) => outcome === "wrong").length, 5);
  assert.equal(outcomes.filter((outcome) => outcome === "wait 2").length, 195);
  assert.equal(checks - before, 5);
});

test("after many wrong passwords a network must wait for every account, except known browsers", async () => {
  const here = network();
  for (let i = 0; i < 20; i += 1) await wrong(1, here, { login: `guess${i % 10}x` });
  assert.equal(await attempt(here, { login: "bob", password: PASSWORD }), "wait 2");
  const known = ["sub of bob"];
  assert.equal(await attempt(here, { login: "bob", password: PASSWORD, known }), "in");
  // A person is known here after signing in, not by claiming so.
  assert.equal(await attempt(here, { login: "ada", password: PASSWORD, known }), "wait 2");
  assert.equal(await attempt(here, { login: "bob", password: PASSWORD, at: 2 }), "in");
});

test("L3 two names of one account get the answers that two names of nobody get", async () => {
  const tried = async (first: string, second: string, last = "wrong") => {
    const here = network();
    const answers: string[] = [];
    for (let i = 0; i < 6; i += 1) answers.push(await attempt(here, { login: first }));
    for (let i = 0; i < 6; i += 1) answers.push(await attempt(here, { login: second }));
    answers.push(await attempt(here, { login: "third name", password: last }));
    return answers;
  };
  const of_nobody = await tried("nobody", "nobody@mail.test");
  assert.deepEqual(of_nobody.slice(4, 7), ["wrong", "wait 2", "wrong"]);
  assert.deepEqual(await tried("ada", "ada@mail.test"), of_nobody);
  assert.deepEqual(await tried("ada@mail.test", "ada"), of_nobody);
});

test("L3 an account with many names is counted as one: no more passwords are checked", async () => {
  const here = network();
  const before = checks;
  for (let i = 0; i < 18; i += 1)
    assert.equal(await attempt(here, { login: `ada+${i}@mail.test` }), "wrong");
  assert.equal(checked.slice(before).filter((sub) => sub === "sub of ada").length, 10);
  const right = { login: "ada+99@mail.test", password: PASSWORD };
  assert.equal(await attempt(here, right), "wrong", "not checked, and that is not told");
  assert.equal(await attempt(here, { ...right, at: 2 }), "in", "after the wait it is");
});

test("L1: typed names that nobody has fill up no counter of a person, not even as a subject", async () => {
  const here = network();
  const login = "sub of bob";
  await wrong(5, here, { login });
  // One try after each wait: more of them than the count of one account allows.
  const waits = [2, 6, 14, 30, 62, 122, 182];
  for (const at of waits) await wrong(1, here, { login, at });
  assert.equal(await attempt(here, { login: "bob", password: PASSWORD, at: 182 }), "in");
});

test("L1: an app's store is asked the same for a name that it has, and for one that it has not", async () => {
  const asked: string[] = [];
  const noting: Users = {
    ...users,
    async findByLogin(login) {
      asked.push("login");
      return users.findByLogin(login);
    },
    async verifyPassword(person, password) {
      asked.push("password");
      return users.verifyPassword(person, password);
    },
    async passwordMark() {
      asked.push("mark");
      return null;
    },
  };
  const ctx: Context = { ...contextOf(server), users: noting };
  for (const login of ["ada", "nobody", "off"]) {
    const address = network();
    await tryPassword({ login, password: "wrong", address, known: [] }, ctx);
    assert.deepEqual(asked.splice(0), ["login", "mark", "password"], login);
  }
});

test("L8 without an address, guesses make nobody wait long, and a known browser not at all", async () => {
  const here = "0.0.0.0";
  const known = ["sub of ada"];
  for (let i = 0; i < 20; i += 1) assert.equal(await attempt(here), "wrong");
  assert.equal(await attempt(here), "wait 2");
  assert.equal(await attempt(here, { login: "bob", password: PASSWORD }), "in");
  assert.equal(await attempt(here, { password: PASSWORD, known }), "in");
  for (const at of [2, 4, 6, 8, 10]) {
    assert.equal(await attempt(here, { at }), "wrong");
    assert.equal(await attempt(here, { at }), "wait 2", "the wait does not grow");
  }
  assert.equal(await attempt(here, { at: 12, password: PASSWORD }), "in");
  // A thief of the browser gets no more tries than one with a network of its own.
  for (let i = 0; i < 5; i += 1) assert.equal(await attempt(here, { known, at: 13 }), "wrong");
  assert.equal(await attempt(here, { known, at: 13 }), "wait 2");
});

test("right passwords do not count, even when the network has reached its limit", async () => {
  const here = network();
  for (let i = 0; i < 40; i += 1)
    assert.equal(await attempt(here, { login: i % 2 ? "ada" : "bob", password: PASSWORD }), "in");
  for (let i = 0; i < 20; i += 1) await wrong(1, here, { login: `guess${i % 10}y` });
  for (let i = 0; i < 5; i += 1)
    assert.equal(await attempt(here, { login: "bob", password: PASSWORD, at: 2 }), "in");
  // The next wrong password begins the second wait, not a later one.
  await wrong(1, here, { login: "guess-z", at: 2 });
  assert.equal(await attempt(here, { login: "bob", password: PASSWORD, at: 2 }), "wait 4");
});

test("tries at a waiting account do not use up the network's tries", async () => {
  const here = network();
  await wrong(5, here);
  for (let i = 0; i < 50; i += 1) assert.equal(await attempt(here), "wait 2");
  assert.equal(await attempt(here, { login: "bob", password: PASSWORD }), "in");
});

test("a try refused by a busy server does not count", async () => {
  const here = network();
  busy = true;
  for (let i = 0; i < 30; i += 1) await assert.rejects(attempt(here), TooBusy);
  busy = false;
  await wrong(5, here);
  assert.equal(await attempt(here), "wait 2");
});

test("the right password of a disabled account counts as a wrong one", async () => {
  const here = network();
  await wrong(5, here, { login: "off", password: PASSWORD });
  assert.equal(await attempt(here, { login: "off", password: PASSWORD }), "wait 2");
});

test("hosts of one IPv6 network share a counter, and a mapped IPv4 address counts as IPv4", async () => {
  for (const host of ["1", "2", "3", "4", "5"]) await wrong(1, `2001:db8:1:2::${host}`);
  assert.equal(await attempt("2001:db8:1:2:ffff::9"), "wait 2");
  assert.equal(await attempt("2001:db8:1:3::1", { password: PASSWORD }), "in");
  await wrong(5, "::ffff:203.0.113.99");
  assert.equal(await attempt("203.0.113.99"), "wait 2");
  assert.equal(await attempt("::ffff:203.0.113.98", { password: PASSWORD }), "in");
});

test("a network may create 20 accounts, then must wait an hour", async () => {
  const ctx: Context = contextOf(server);
  const outcomes = await Promise.all(
    Array.from({ length: 30 }, () => countSignUp("192.0.2.9", ctx)),
  );
  assert.equal(outcomes.filter((seconds) => seconds === null).length, 20);
  assert.equal(await countSignUp("192.0.2.9", ctx), 3600);
  assert.equal(await countSignUp("192.0.2.10", ctx), null);
  assert.equal(await countSignUp("192.0.2.9", { ...ctx, now: START + 3599 }), 1);
  assert.equal(await countSignUp("192.0.2.9", { ...ctx, now: START + 3600 }), null);
});
