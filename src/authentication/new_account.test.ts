import assert from "node:assert/strict";
import { after, test } from "node:test";
import { contextOf, testServer } from "../../test/support/server.ts";
import { readConsentForm } from "../authorization/consent_form.ts";
import type { Context } from "../context.ts";
import { personOnPage } from "../http/actor.ts";
import type { HttpRequest } from "../http/message.ts";
import { parseForm } from "../oauth/params.ts";
import { builtInUsers } from "../people/built_in_users.ts";
import { createPerson } from "../people/create_person.ts";
import { isFaultless, newPersonOf, readAccountForm } from "./new_account.ts";

const server = await testServer();
after(() => server.close());
const ctx: Context = contextOf(server);
const good = { username: "ada", email: "ada@x.test", name: "Ada L.", password: "correct horse" };
const read = (given: Record<string, string>) =>
  readAccountForm(parseForm(new URLSearchParams({ ...good, ...given }).toString(), 10), ctx);

test("a valid form is read as typed, without surrounding blanks", () => {
  const form = read({ username: " ada ", name: " Ada L. " });
  assert.deepEqual(form, {
    values: { username: "ada", email: "ada@x.test", name: "Ada L." },
    password: "correct horse",
    errors: {},
  });
  assert.ok(isFaultless(form));
  assert.ok(isFaultless(read({ email: "", name: "" })));
  // A password is taken as typed, blanks included.
  assert.equal(read({ password: "  blanks count  " }).password, "  blanks count  ");
});

test("each invalid field gets its own message", () => {
  for (const [given, errors] of [
    [{ username: "" }, { username: "missing" }],
    [{ username: "  " }, { username: "missing" }],
    [{ username: "a b" }, { username: "invalid" }],
    [{ username: "a@b@c" }, { username: "invalid" }],
    [{ username: "ada@x.test" }, { username: "invalid" }],
    [{ username: "ada\uff20x.test" }, { username: "invalid" }],
    [{ username: "x".repeat(65) }, { username: "invalid" }],
    [{ email: "ada" }, { email: "invalid" }],
    [{ email: "ada\uff20x.test" }, { email: "invalid" }],
    [{ name: "x".repeat(101) }, { name: "long" }],
    [{ password: "" }, { password: "missing" }],
    [{ password: "short" }, { password: "short" }],
    [{ password: "x".repeat(1025) }, { password: "long" }],
    [{ password: "password123" }, { password: "common" }],
    [
      { username: "", password: "" },
      { username: "missing", password: "missing" },
    ],
  ] as const) {
    const form = read(given);
    assert.deepEqual(form.errors, errors, JSON.stringify(given));
    assert.equal(isFaultless(form), false);
  }
});

test("an account is created as typed, once", async () => {
  const role = { is_admin: false, only_as_first: false };
  const visitor = personOnPage(null, { address: "203.0.113.7" }, ctx);
  const create = (username: string, where = ctx) =>
    createPerson(newPersonOf(read({ username }), role), visitor, where);
  const person = await create("ada");
  assert.ok(person !== "taken");
  assert.equal(person.username, "ada");
  assert.equal(await create("ADA"), "taken");
  // People that are kept elsewhere can't be created here.
  const { create: _, in_store: __, ...users } = builtInUsers(ctx.store, ctx.clock);
  assert.equal(await create("eve", { ...ctx, users }), "taken");
});

test("each ticked box of a consent form is one permission; other fields may not repeat", () => {
  const request = (body: string, query = ""): HttpRequest => ({
    method: "POST",
    path: "/consent",
    query,
    header: (name) => (name === "content-type" ? "application/x-www-form-urlencoded" : undefined),
    body,
    origin: "https://as.test",
    address: "203.0.113.7",
  });
  const form = readConsentForm(
    request("csrf=a%26b&permission=x&decision=allow&permission=y+z"),
    ctx,
  );
  assert.deepEqual(form.ticked, ["x", "y z"]);
  assert.equal(form.params.get("csrf"), "a&b");
  assert.equal(form.params.get("decision"), "allow");
  assert.equal(form.params.get("permission"), undefined);
  assert.deepEqual(readConsentForm(request(""), ctx).ticked, []);
  for (const body of ["decision=deny&decision=allow", "permission=x&csrf=a&csrf=b"])
    assert.throws(() => readConsentForm(request(body), ctx), { error: "invalid_request" });
  assert.throws(() => readConsentForm(request("permission=x", "decision=allow"), ctx), {
    error: "invalid_request",
  });
});
