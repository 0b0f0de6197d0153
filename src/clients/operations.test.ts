/** Operations on clients: each change is recorded with its event, and changes nothing else. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { OPERATOR, operationTest, personActor } from "../../test/support/operation.ts";
import { sampleAccount, sampleConsent, sampleGrant } from "../store/conformance/samples.ts";
import { grantWith, settle } from "../store/conformance/scenario.ts";
import { changeClient, rotateSecret, setAppsDisabled, setClientDisabled } from "./change_client.ts";
import { checkSecret } from "./client_secret.ts";
import { createClient, MOST_APPS } from "./create_client.ts";
import { removeClient, revokeClient } from "./end_client.ts";

const WEB = { client_name: "Printly", redirect_uris: ["https://printly.test/cb"] };
const ADA = personActor("ada");

type Test = Awaited<ReturnType<typeof operationTest>>;
async function added({ env }: Test, document: object = WEB, client_id = "printly") {
  const made = await createClient({ document, client_id }, OPERATOR, env);
  assert.ok(typeof made === "object");
  return made;
}
const nothing = { before: null, after: null, details: {} };
const event = (name: string, more: object) => ({
  ...{ event: name, actor: "operator", actor_id: "root", via: "command" },
  ...{ sub: null, client_id: "printly", event_id: null, address: null },
  ...nothing,
  ...more,
});

test("adding a client records an event without its secret", async () => {
  await using set = await operationTest();
  const { client, client_secret } = await added(set);
  assert.deepEqual(await set.store.findClient("printly"), client);
  assert.equal(checkSecret(client_secret ?? "", client.secrets, client.created_at), true);
  const after = {
    ...{ ...client.metadata, created_by: "operator" },
    ...{ trusted: false, require_pkce: true, resource: null },
  };
  assert.deepEqual(await set.events(), [event("client_created", { after })]);
  const text = JSON.stringify(await set.events());
  assert.ok(!text.includes(client_secret ?? "-") && !text.includes(client.secrets[0]?.hash ?? "-"));
});

test("refused metadata or a taken id stores and records nothing", async () => {
  await using set = await operationTest();
  await set.store.createAccount(sampleAccount({ sub: "person" }), ["ada"]);
  await added(set);
  for (const client_id of ["printly", "person"])
    assert.equal(await createClient({ document: WEB, client_id }, OPERATOR, set.env), "taken");
  for (const [document, client_id] of [
    [{}, "x"],
    [WEB, "a b"],
    [WEB, "-x"],
    [WEB, ""],
    [{ ...WEB, trusted: 1 }, "x"],
  ] as const)
    await assert.rejects(createClient({ document, client_id }, OPERATOR, set.env), {
      name: "OAuthError",
    });
  assert.equal((await set.events()).length, 1);
  assert.equal((await set.store.listClients({ limit: 10 })).length, 1);
});

test("a person's app belongs to them, and operator-only settings are refused", async () => {
  await using set = await operationTest();
  const made = await createClient({ document: WEB }, ADA, set.env);
  assert.ok(typeof made === "object");
  assert.deepEqual([made.client.created_by, made.client.owner_sub], ["user", "ada"]);
  const [told] = await set.events();
  assert.deepEqual(
    { ...told, after: null },
    {
      ...event("client_created", { actor: "person", actor_id: "ada", via: "page", sub: "ada" }),
      ...{ client_id: made.client.client_id, event_id: "a-request", address: "203.0.113.7" },
    },
  );
  const decided = {
    trusted: true,
    require_pkce: false,
    scope: "openid",
    resource: "https://a.test",
  };
  for (const [name, value] of Object.entries(decided)) {
    const document = { ...WEB, [name]: value };
    await assert.rejects(createClient({ document }, ADA, set.env), { parameter: name });
    const change = { [name]: value };
    await assert.rejects(changeClient({ client: made.client, change }, ADA, set.env), {
      parameter: name,
    });
  }
});

test("a person cannot change another person's client, even with its record at hand", async () => {
  await using set = await operationTest();
  const { client } = await added(set);
  const change = { client_name: "Mine" };
  for (const attempt of [
    () => changeClient({ client, change }, ADA, set.env),
    () => rotateSecret({ client, keep_old: false }, ADA, set.env),
    () => setClientDisabled({ client, disabled: true }, ADA, set.env),
    () => revokeClient({ client_id: "printly", forget: true }, ADA, set.env),
    async () => removeClient(client, ADA, set.env),
  ])
    await assert.rejects(attempt, { error: "access_denied" });
  assert.deepEqual(await set.store.findClient("printly"), client);
  assert.equal((await set.events()).length, 1);
});

test("an app that is registered beside the removal of its owner does not outlive them", async () => {
  await using set = await operationTest();
  const { store, env } = set;
  const ada = sampleAccount({ sub: "ada" });
  for (let round = 0; round < 10; round += 1) {
    await store.createAccount(ada, ["ada"]);
    const add = () => createClient({ document: WEB }, ADA, env);
    const outcomes = await Promise.all([add(), add(), store.removeAccount("ada", 1), add()]);
    assert.equal(outcomes[2], true);
    assert.deepEqual(await store.listClients({ owner_sub: "ada", limit: 9 }), [], `${round}`);
  }
  await store.createAccount(ada, ["ada"]);
  const gone = { ...env, store: { ...store, findAccount: async () => ada } };
  await store.removeAccount("ada", 1);
  assert.equal(await createClient({ document: WEB }, ADA, gone), "no_owner");
});

test("one person adds a limited number of apps, even with many concurrent forms", async () => {
  await using set = await operationTest();
  const add = () => createClient({ document: WEB }, ADA, set.env);
  for (let i = 0; i < MOST_APPS - 2; i += 1) await add();
  await Promise.all([add(), add(), add(), add()]);
  const apps = await set.store.listClients({ owner_sub: "ada", limit: 1000 });
  assert.ok(apps.length <= MOST_APPS, `${apps.length}`);
  while (typeof (await add()) === "object");
  assert.equal(await add(), "too_many");
});

test("a change records the values before and after; an ineffective one is not recorded", async () => {
  await using set = await operationTest();
  const { client } = await added(set);
  const change = { client_name: "Prints", scope: "openid", client_uri: null };
  const changed = await changeClient({ client, change }, OPERATOR, set.env);
  assert.ok(typeof changed === "object");
  assert.equal(changed.client_secret, null);
  const same = await changeClient({ client: changed.client, change }, OPERATOR, set.env);
  assert.deepEqual(same, changed);
  const replaced = { client: changed.client, change: WEB, replace: true };
  const back = await changeClient(replaced, OPERATOR, set.env);
  assert.ok(typeof back === "object");
  assert.deepEqual(back.client, client);
  const before = { client_name: "Printly", scope: null };
  const after = { client_name: "Prints", scope: "openid" };
  assert.deepEqual((await set.events()).slice(1), [
    event("client_changed", { before, after }),
    event("client_changed", { before: after, after: before }),
  ]);
});

test("an update does not undo changes made since the client was read", async () => {
  await using set = await operationTest();
  const { client } = await added(set);
  await setClientDisabled({ client, disabled: true }, OPERATOR, set.env);
  const change = { client_name: "Prints" };
  const again = [
    changeClient({ client, change }, OPERATOR, set.env),
    rotateSecret({ client, keep_old: true }, OPERATOR, set.env),
  ];
  assert.deepEqual(await Promise.all(again), ["changed_meanwhile", "changed_meanwhile"]);
  assert.equal((await set.events()).length, 2);
});

test("response types follow from the grants, and a secret from the method", async () => {
  await using set = await operationTest();
  const { client } = await added(set);
  const none = await changeClient(
    { client, change: { grant_types: ["client_credentials"] } },
    OPERATOR,
    set.env,
  );
  assert.ok(typeof none === "object");
  assert.deepEqual(none.client.metadata.response_types, []);
  const open = { grant_types: ["authorization_code"], token_endpoint_auth_method: "none" };
  const made_public = await changeClient({ client: none.client, change: open }, OPERATOR, set.env);
  assert.ok(typeof made_public === "object");
  assert.deepEqual(made_public.client.secrets, []);
  const change = { token_endpoint_auth_method: "client_secret_post" };
  const again = await changeClient({ client: made_public.client, change }, OPERATOR, set.env);
  assert.ok(typeof again === "object" && again.client_secret?.startsWith("vks_"));
});

test("rotating a secret records times only; the previous one may stay valid", async () => {
  await using set = await operationTest();
  const { client, client_secret } = await added(set);
  const kept = await rotateSecret({ client, keep_old: true }, OPERATOR, set.env);
  assert.ok(typeof kept === "object");
  const now = client.created_at;
  assert.equal(kept.old_secret_until, now + 86_400);
  assert.equal(checkSecret(client_secret ?? "", kept.client.secrets, now), true);
  const gone = await rotateSecret({ client: kept.client, keep_old: false }, OPERATOR, set.env);
  assert.ok(typeof gone === "object");
  assert.equal(checkSecret(kept.client_secret, gone.client.secrets, now), false);
  const text = JSON.stringify(await set.events());
  for (const { hash } of [...kept.client.secrets, ...gone.client.secrets])
    assert.ok(!text.includes(hash));
  const keyed = { ...WEB, token_endpoint_auth_method: "none" };
  const { client: none } = await added(set, keyed, "none");
  assert.equal(
    await rotateSecret({ client: none, keep_old: false }, OPERATOR, set.env),
    "no_secret",
  );
});

test("each of two rotations in one second makes a secret that works", async () => {
  await using set = await operationTest();
  const { client } = await added(set);
  const one = await rotateSecret({ client, keep_old: true }, OPERATOR, set.env);
  assert.ok(typeof one === "object");
  const two = await rotateSecret({ client: one.client, keep_old: true }, OPERATOR, set.env);
  assert.ok(typeof two === "object");
  const stored = await set.store.findClient("printly");
  assert.equal(checkSecret(two.client_secret, stored?.secrets ?? [], client.created_at), true);
  assert.equal((await set.events()).length, 3);
});

test("disabling a person disables their apps; enabling restores those that were enabled", async () => {
  await using set = await operationTest();
  const apps = [];
  for (let i = 0; i < 3; i += 1) {
    const made = await createClient({ document: WEB }, ADA, set.env);
    assert.ok(typeof made === "object");
    apps.push(made.client);
  }
  const [first] = apps;
  assert.ok(first);
  await setClientDisabled({ client: first, disabled: true }, OPERATOR, set.env);
  set.advance(10);
  const disabled_at = first.created_at + 10;
  const state = { sub: "ada", disabled_at };
  assert.equal(await setAppsDisabled({ ...state, disabled: true }, OPERATOR, set.env), 2);
  const disabled = async () =>
    (await set.store.listClients({ owner_sub: "ada", limit: 10 })).filter(
      (client) => client.disabled_at !== null,
    ).length;
  assert.equal(await disabled(), 3);
  assert.equal(await setAppsDisabled({ ...state, disabled: false }, OPERATOR, set.env), 2);
  assert.equal(await disabled(), 1);
});

test("revoking a client ends all its grants and nothing else; with forget, the consents too", async () => {
  await using set = await operationTest();
  const { client } = await added(set);
  const [old, other] = [
    sampleGrant({ created_at: client.created_at }),
    sampleGrant({ client_id: "other" }),
  ];
  await grantWith(set.store, old, sampleConsent());
  await grantWith(set.store, other, sampleConsent({ client_id: "other" }));
  const revoke = (forget: boolean) =>
    revokeClient({ client_id: "printly", forget }, OPERATOR, set.env);
  assert.equal(await revoke(false), true);
  const now = client.created_at;
  assert.deepEqual(await set.store.findClient("printly"), { ...client, ends_before: now + 1 });
  await settle(set.store);
  assert.notEqual((await set.store.findGrant(old.grant_id))?.revoked_at, null);
  assert.equal((await set.store.findGrant(other.grant_id))?.revoked_at, null);
  assert.ok(await set.store.findConsent("ada", "printly"));
  assert.equal(await revoke(true), true);
  assert.equal(await set.store.findConsent("ada", "printly"), null);
  assert.equal(await revokeClient({ client_id: "nobody", forget: true }, OPERATOR, set.env), false);
  const told = (forget: boolean) =>
    event("client_revoked", { details: { ended: ["grants"], forget } });
  assert.deepEqual((await set.events()).slice(1), [told(false), told(true)]);
});

test("removing a client is recorded once, with its last values", async () => {
  await using set = await operationTest();
  const { client } = await added(set);
  assert.equal(await removeClient(client, OPERATOR, set.env), true);
  assert.equal(await removeClient(client, OPERATOR, set.env), false);
  const told = await set.events();
  assert.equal(told.length, 2);
  const { before } = told[1] as { before: Record<string, unknown> };
  assert.deepEqual([before.client_name, before.secrets], ["Printly", undefined]);
});
