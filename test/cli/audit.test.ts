import assert from "node:assert/strict";
import { after, test } from "node:test";
import { assertRefused, PASSWORD, workplace } from "./cli.ts";

const place = workplace();
after(() => place.remove());

interface Event {
  event: string;
  actor: string;
  via: string;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
  sub: string | null;
  client_id: string | null;
  details: Record<string, unknown>;
}

test("operators' commands are recorded as audit events and listed newest first", async () => {
  const input = PASSWORD;
  const { sub } = await place.json(["user", "add", "--username", "ada", "--password-stdin"], {
    input,
  });
  const add = ["client", "add", "--client-id", "printly", "--name", "Nightly"];
  const { client_secret } = await place.json(add);
  await place.json(["client", "rotate-secret", "printly"]);
  await place.json(["client", "disable", "printly"]);
  await place.json(["user", "update", "ada", "--name", "Ada"]);
  const events: Event[] = await place.json(["audit", "list"]);
  assert.deepEqual(
    events.map(({ event, actor, sub: whose, client_id }) => [event, actor, whose ?? client_id]),
    [
      ["user_changed", "operator", sub],
      ["client_disabled", "operator", "printly"],
      ["client_secret_changed", "operator", "printly"],
      ["client_created", "operator", "printly"],
      ["user_created", "operator", sub],
    ],
  );
  const [changed, disabled, rotated, added] = events;
  assert.deepEqual(changed?.before, { "claims.name": null });
  assert.deepEqual(changed?.after, { "claims.name": "Ada" });
  assert.equal(disabled?.before?.disabled_at, null);
  assert.deepEqual(Object.keys(rotated?.after ?? {}), ["secrets"]);
  assert.equal(added?.after?.client_name, "Nightly");
  for (const { via, details } of events) assert.deepEqual([via, details], ["command", {}]);
  const text = JSON.stringify(events);
  assert.ok(!text.includes(PASSWORD) && !text.includes(client_secret));

  const mine: Event[] = await place.json(["audit", "list", "--client", "printly", "--limit", "2"]);
  assert.deepEqual(
    mine.map(({ event }) => event),
    ["client_disabled", "client_secret_changed"],
  );
  assert.equal((await place.json(["audit", "list", "--sub", sub, "--since", "1h"])).length, 2);
  assert.deepEqual(await place.json(["audit", "list", "--since", "2199-01-01"]), []);
  const { stdout } = await place.run(["audit", "list"]);
  assert.match(stdout, /^WHEN +EVENT +BY +PERSON +CLIENT/);
  assert.match(stdout, /user_changed +operator \S+ .*claims\.name: null → Ada/);
  const two = await place.run(["audit", "list", "--limit", "2", "--json"]);
  assert.equal(two.stdout, `${JSON.stringify(events.slice(0, 2), null, 2)}\n`);
});

test("an invalid time is refused", async () => {
  const refused = await place.run(["audit", "list", "--since", "yesterday"]);
  assertRefused(refused, 2, /since/);
});
