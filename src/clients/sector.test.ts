/** The sector of pairwise subjects, at registration and after changes (OpenID Connect Core §8.1, Registration §5). */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import { OPERATOR, operationTest, personActor } from "../../test/support/operation.ts";
import { DEVICE_CODE } from "../oauth/client_metadata.ts";
import type { OAuthError } from "../oauth/errors.ts";
import { pairwiseSubject } from "../oauth/subject_type.ts";
import type { ClientRecord } from "../store/records.ts";
import { changeClient } from "./change_client.ts";
import { createClient } from "./create_client.ts";

const PRINTLY = "https://printly.example/callback";
const SNAPS = "https://snaps.example/callback";
const PAIRWISE = { subject_type: "pairwise", redirect_uris: [PRINTLY] };

/** What the documents at these paths hold. */
const documents = new Map<string, [status: number, text: string]>();
let asked = 0;
const host = createServer(({ url = "" }, response) => {
  asked += 1;
  const [status, text] = documents.get(url) ?? [404, "not found"];
  response.writeHead(status, status === 302 ? { location: "/list" } : {}).end(text);
});
let base = "";
before(async () => {
  await new Promise<void>((resolve) => host.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(host.address() as AddressInfo).port}`;
});
after(() => host.close());
documents.set("/list", [200, JSON.stringify([PRINTLY, SNAPS])]);

const operations = await operationTest();
after(() => operations[Symbol.asyncDispose]());
const { env } = operations;

async function add(document: object, by = OPERATOR): Promise<ClientRecord> {
  const made = await createClient({ document }, by, env);
  return typeof made === "string" ? assert.fail(made) : made.client;
}
async function change(client: ClientRecord, by: object): Promise<ClientRecord> {
  const made = await changeClient({ client, change: by }, OPERATOR, env);
  return typeof made === "string" ? assert.fail(made) : made.client;
}
const refused = (work: Promise<unknown>, problem: RegExp) =>
  assert.rejects(work, ({ error, message }: OAuthError) => {
    assert.match(message, problem);
    return error === "invalid_client_metadata";
  });

test("the sector is the one host of the redirect URIs; an app on people's devices is its own", async () => {
  const more = [PRINTLY, "https://printly.example:8443/other?x=1"];
  assert.equal((await add({ ...PAIRWISE, redirect_uris: more })).sector, "printly.example");
  assert.equal((await add({ redirect_uris: [PRINTLY] })).sector, null, "public subjects");
  assert.equal((await add({ ...PAIRWISE, subject_type: "public" })).sector, null);
  const native = { ...PAIRWISE, token_endpoint_auth_method: "none" };
  const local = ["http://127.0.0.1/callback", "com.example.app:/callback"];
  assert.equal((await add({ ...native, redirect_uris: local })).sector, null);
});

test("several hosts need a sector_identifier_uri, and its host is the sector then", async () => {
  for (const redirect_uris of [
    [PRINTLY, SNAPS],
    [PRINTLY, "http://127.0.0.1/callback"],
  ])
    await refused(add({ ...PAIRWISE, redirect_uris }), /sector_identifier_uri is missing/);
  const sector_identifier_uri = `${base}/list`;
  const both = { ...PAIRWISE, redirect_uris: [PRINTLY, SNAPS], sector_identifier_uri };
  assert.equal((await add(both)).sector, "127.0.0.1");
});

test("a sector_identifier_uri that can't be read, or lacks a redirect URI, refuses the registration", async () => {
  const cases: [string, number, string][] = [
    ["/short", 200, JSON.stringify([SNAPS])],
    ["/prefix", 200, JSON.stringify([`${PRINTLY}/more`])],
    ["/object", 200, JSON.stringify({ [PRINTLY]: PRINTLY })],
    ["/text", 200, PRINTLY],
    ["/nested", 200, JSON.stringify([[PRINTLY]])],
    ["/gone", 404, JSON.stringify([PRINTLY])],
    ["/moved", 302, ""],
    ["/long", 200, JSON.stringify([PRINTLY, "x".repeat(70_000)])],
  ];
  for (const [path, status, text] of cases) {
    documents.set(path, [status, text]);
    const document = { ...PAIRWISE, sector_identifier_uri: base + path };
    await refused(add(document), /^sector_identifier_uri (?:can't|does not)/);
    // It is checked for public subjects too.
    await refused(add({ ...document, subject_type: "public" }), /^sector_identifier_uri/);
  }
  await refused(
    add({ ...PAIRWISE, sector_identifier_uri: "http://printly.example/list" }),
    /https/,
  );
});

test("only an operator's word joins a client to a host that its answers do not go to", async () => {
  const ada = personActor("ada");
  documents.set("/all", [200, JSON.stringify([PRINTLY, "http://127.0.0.1/callback"])]);
  const sector_identifier_uri = `${base}/all`;
  const native = {
    token_endpoint_auth_method: "none",
    redirect_uris: ["http://127.0.0.1/callback"],
  };
  const device = { grant_types: ["authorization_code", DEVICE_CODE] };
  assert.equal((await add(PAIRWISE, ada)).sector, "printly.example");
  assert.equal((await add({ ...PAIRWISE, sector_identifier_uri }, ada)).sector, "127.0.0.1");
  // A device and a program get their tokens without the site whose redirect URIs they have registered.
  for (const more of [device, { ...native, sector_identifier_uri }]) {
    assert.equal((await add({ ...PAIRWISE, ...more }, ada)).sector, null);
    assert.notEqual((await add({ ...PAIRWISE, ...more })).sector, null);
  }
  const own = await add(PAIRWISE, ada);
  const later = changeClient({ client: own, change: device }, ada, env);
  await refused(later, /register it anew/);
});

test("a refusal tells the client nothing about the networks around the server", async () => {
  const closed = { ...PAIRWISE, sector_identifier_uri: "http://127.0.0.1:1/list" };
  await refused(add(closed), /^sector_identifier_uri can't be fetched$/);
});

test("the sector never changes; a change that would need another one is refused", async () => {
  const client = await add(PAIRWISE);
  const renamed = await change(client, { client_name: "Printly" });
  assert.equal(renamed.sector, "printly.example");
  // Otherwise an app could take over the subjects of the host that it was registered with.
  await refused(change(renamed, { redirect_uris: [SNAPS] }), /register it anew/);
  const sector_identifier_uri = `${base}/list`;
  await refused(change(renamed, { sector_identifier_uri }), /register it anew/);
  const later = await change(await add({ redirect_uris: [PRINTLY] }), { subject_type: "pairwise" });
  assert.equal(later.sector, "printly.example");
});

test("a logout address elsewhere makes a client a sector of its own, unless the sector lists it", async () => {
  const ada = personActor("ada");
  const backchannel_logout_uri = "https://evil.example/logout";
  const told = { ...PAIRWISE, backchannel_logout_uri };
  assert.equal((await add(told, ada)).sector, null);
  assert.equal((await add(told)).sector, "printly.example", "an operator vouches for it");
  const here = "https://printly.example:8443/logout";
  assert.equal(
    (await add({ ...PAIRWISE, backchannel_logout_uri: here }, ada)).sector,
    "printly.example",
  );

  const listed = { ...told, sector_identifier_uri: `${base}/with-logout` };
  documents.set("/with-logout", [200, JSON.stringify([PRINTLY])]);
  assert.equal((await add(listed, ada)).sector, null);
  const joined = await add({ ...listed, backchannel_logout_uri: undefined }, ada);
  assert.equal(joined.sector, "127.0.0.1");
  await refused(
    changeClient({ client: joined, change: { backchannel_logout_uri } }, ada, env),
    /register it anew/,
  );
  documents.set("/with-logout", [200, JSON.stringify([PRINTLY, backchannel_logout_uri])]);
  const member = await changeClient(
    { client: joined, change: { backchannel_logout_uri } },
    ada,
    env,
  );
  assert.ok(typeof member === "object");
  assert.equal(member.client.sector, "127.0.0.1");
  // What was found in the list is not read again.
  documents.delete("/with-logout");
  assert.equal((await change(member.client, { client_name: "P" })).sector, "127.0.0.1");
});

test("an operator can change a client that nothing joins to a host, and it stays its own sector", async () => {
  const ada = personActor("ada");
  const own = await add({ ...PAIRWISE, backchannel_logout_uri: "https://evil.example/" }, ada);
  assert.equal((await change(own, { trusted: true })).sector, null);
  const other = await add(
    { ...PAIRWISE, subject_type: "public", grant_types: ["authorization_code", DEVICE_CODE] },
    ada,
  );
  assert.equal((await change(other, { subject_type: "pairwise" })).sector, null);
});

test("only an operator changes the subject type, and no grant outlives that", async () => {
  const ada = personActor("ada");
  for (const [first, other] of [
    ["public", "pairwise"],
    ["pairwise", "public"],
  ]) {
    const client = await add({ ...PAIRWISE, subject_type: first }, ada);
    const asked = { client, change: { subject_type: other } };
    await refused(changeClient(asked, ada, env), /subject_type is fixed at registration/);
    const changed = await change(client, { subject_type: other });
    assert.ok((changed.ends_before ?? 0) > client.created_at);
    assert.deepEqual(await env.store.findClient(client.client_id), changed);
    const renamed = await change(changed, { client_name: "Printly" });
    assert.equal(renamed.ends_before, changed.ends_before);
    const [, event] = await env.store.listAudit({ client_id: client.client_id, limit: 2 });
    assert.deepEqual(event?.details, { ended: ["grants"] });
  }
});

test("the list of a sector is read again when redirect URIs are added, and only then", async () => {
  const sector_identifier_uri = `${base}/list`;
  const client = await add({ ...PAIRWISE, sector_identifier_uri });
  const before = asked;
  const renamed = await change(client, { client_name: "Printly" });
  assert.equal(asked, before);
  const both = await change(renamed, { redirect_uris: [PRINTLY, SNAPS] });
  assert.deepEqual([asked, both.sector], [before + 1, "127.0.0.1"]);
  await refused(
    change(both, { redirect_uris: [PRINTLY, "https://evil.example/"] }),
    /does not list every/,
  );
});

test("no client id can be the sub of a person", async () => {
  const document = { redirect_uris: [PRINTLY] };
  const client_id = pairwiseSubject("A".repeat(43));
  await refused(createClient({ document, client_id }, OPERATOR, env), /client_id can't be an id/);
  for (const near of [client_id.slice(0, -1), `${client_id}A`, client_id.slice(1)])
    assert.notEqual(
      typeof (await createClient({ document, client_id: near }, OPERATOR, env)),
      "string",
    );
});
