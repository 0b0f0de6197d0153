/** Commands on a client that registered nowhere: an operator sees it, disables it, and can't change what its document says. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { demoBrowser } from "../support/demo_browser.ts";
import { documentClient } from "../support/document_client.ts";
import { type Stranger, stranger } from "../support/stranger.ts";
import { assertRefused, PASSWORD, workplace } from "./cli.ts";

const place = workplace();
let site: Stranger;
before(async () => {
  site = await stranger();
});
after(async () => {
  await site.close();
  await place.remove();
});

test("an operator lists, shows, disables, enables and removes a client of a metadata document", async () => {
  const { issuer } = await place.start(["--port", "0", "--allow-private-fetch"]);
  await place.json(["user", "add", "--username", "ada", "--password-stdin"], { input: PASSWORD });
  const { client_id } = documentClient(site, {
    client_name: "Notes app",
    redirect_uris: ["http://127.0.0.1:1/cb"],
  });
  const address = `${issuer}/authorize?${new URLSearchParams({
    ...{ response_type: "code", client_id, scope: "openid", redirect_uri: "http://127.0.0.1:1/cb" },
    ...{ code_challenge: "x".repeat(43), code_challenge_method: "S256" },
  })}`;
  assert.deepEqual(await place.json(["client", "list"]), []);
  const browser = demoBrowser();
  const asked = await browser.get(address);
  const consent = await browser.submit(asked, "/sign-in", { username: "ada", password: PASSWORD });
  assert.deepEqual(await place.json(["client", "list"]), []);
  await browser.submit(consent, "/consent", { decision: "allow" }).catch(() => null);

  const [listed] = await place.json(["client", "list"]);
  assert.deepEqual([listed.client_id, listed.created_by], [client_id, "metadata_document"]);
  const shown = await place.run(["client", "show", client_id]);
  assert.match(shown.stdout, /Notes app/);
  assert.match(shown.stdout, /metadata_document/);
  assertRefused(
    await place.run(["client", "update", client_id, "--name", "Bank"]),
    1,
    /described by the document at its id/,
  );
  for (const [command, status] of [
    ["disable", 403],
    ["enable", 303],
  ] as const) {
    assert.equal((await place.run(["client", command, client_id])).code, 0);
    await new Promise((resolve) => setTimeout(resolve, 1200));
    assert.equal((await fetch(address, { redirect: "manual" })).status, status, command);
  }
  const events = await place.json(["audit", "list", "--client", client_id]);
  const names = events.map(({ event }: { event: string }) => event);
  for (const name of ["client_created", "client_disabled", "client_enabled", "consent_given"])
    assert.ok(names.includes(name), name);
  assert.equal((await place.run(["client", "revoke", client_id])).code, 0);
  assert.equal((await place.run(["client", "remove", client_id])).code, 0);
  assert.deepEqual(await place.json(["client", "list"]), []);
});
