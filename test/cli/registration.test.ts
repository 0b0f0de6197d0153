/** The commands about apps that register themselves, and the server that they register at. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { assertRefused, workplace } from "./cli.ts";

const place = workplace();
after(() => place.remove());
const config = ["--config", "config.json"];
const APP = { client_name: "App", redirect_uris: ["https://app.example/callback"] };
const configure = (registration: object) =>
  place.write("config.json", JSON.stringify({ port: 0, registration }));

test("a token of an operator registers as many apps as it has uses, and is listed and revoked", async () => {
  configure({ mode: "token" });
  const made = await place.json([
    ...["registration-token", "add", "--uses", "2", "--expires", "7d", "--note", "print shop"],
    ...config,
  ]);
  assert.match(made.token, /^vki_[\w-]{43}$/);
  assert.deepEqual([made.uses_left, made.note], [2, "print shop"]);
  assert.equal(made.expires_at - made.created_at, 7 * 86_400);
  assert.equal(made.hash, undefined);
  const running = await place.start(config);
  const register = async (token: string) => {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const body = JSON.stringify(APP);
    return (await fetch(`${running.issuer}/register`, { method: "POST", headers, body })).status;
  };
  assert.equal(await register(made.token), 201);
  const [listed] = await place.json(["registration-token", "list", ...config]);
  assert.deepEqual([listed.token_id, listed.uses_left], [made.token_id, 1]);
  const table = await place.run(["registration-token", "list", ...config]);
  assert.match(table.stdout, /^TOKEN_ID +LEFT +EXPIRES +CREATED +NOTE\n\S+ +1 .* print shop$/m);
  assert.ok(!table.stdout.includes(made.token));
  const revoked = await place.run(["registration-token", "revoke", made.token_id, ...config]);
  assert.equal(revoked.code, 0, revoked.stderr);
  assert.equal(await register(made.token), 401);
  const again = await place.run(["registration-token", "revoke", made.token_id, ...config]);
  assertRefused(again, 1, /there is no token/);
  const none = await place.run(["registration-token", "list", ...config]);
  assert.equal(none.stdout, "");
  await running.stop();

  const [client, ...more] = await place.json(["client", "list", "--origin", "registration"]);
  assert.deepEqual([client.client_name, client.created_by, more], ["App", "registration", []]);
  assert.equal(client.registration_hash, undefined);
  assert.deepEqual(await place.json(["client", "list", "--origin", "operator"]), []);
  const { stdout } = await place.run(["client", "show", client.client_id]);
  assert.match(stdout, /^added by +registration$/m);
  const events = await place.json(["audit", "list"]);
  const names = events.map(({ event }: { event: string }) => event);
  for (const name of ["added", "removed"])
    assert.ok(names.includes(`initial_access_token_${name}`), name);
});

test("odd numbers and times are refused", async () => {
  for (const [flags, said] of [
    [["--uses", "0"], /a number from 1/],
    [["--uses", "many"], /a number from 1/],
    [["--expires", "0d"], /30m, 12h, 7d/],
    [["--expires", "soon"], /30m, 12h, 7d/],
  ] as const)
    assertRefused(await place.run(["registration-token", "add", ...flags]), 2, said);
});

test("a token where nobody can use it is made with a warning", async () => {
  configure({ mode: "off" });
  const { code, stdout, stderr } = await place.run(["registration-token", "add", ...config]);
  assert.equal(code, 0);
  assert.match(stdout, /^vki_[\w-]{43}\n$/);
  assert.match(stderr, /warning: registration\.mode is off in .*config\.json: it needs "token"/);
});

test("registration for every https host is a warning at the start", async () => {
  configure({ mode: "open", allowed_redirect_hosts: ["*"] });
  const running = await place.start(config);
  await running.stop();
  assert.match(running.said.stderr, /warning: registration is open for every https host/);
});

test("hosts and schemes that could never match are refused at the start", async () => {
  for (const [registration, said] of [
    [{ allowed_redirect_hosts: ["https://app.example"] }, /https:\/\/app\.example is not a host/],
    [{ allowed_redirect_hosts: ["app.example."] }, /app\.example\. is not a host/],
    [{ allowed_redirect_hosts: ["App.example"] }, /App\.example is not a host/],
    [{ allowed_redirect_hosts: ["*.example"] }, /\*\.example is not a host/],
    [{ allowed_schemes: ["cursor:"] }, /cursor: is not a scheme/],
    [{ allowed_schemes: ["javascript"] }, /javascript is not a scheme/],
    [{ mode: "opn" }, /registration\.mode: .*did you mean open/],
  ] as const) {
    configure(registration);
    assertRefused(await place.run(["start", ...config]), 1, said);
  }
});
