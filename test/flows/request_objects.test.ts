/** Request objects by value and by reference: OpenID Connect Core §6, RFC 9101. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { exportJWK, exportPKCS8, generateKeyPair } from "jose";
import { answerIn } from "../support/legacy_stories.ts";
import { pasteRequests } from "../support/pasted.ts";
import { objectStories, referenceStories } from "../support/request_objects.ts";
import { testServer, WEB } from "../support/server.ts";
import { looseOutbound, stranger } from "../support/stranger.ts";
import { webServer } from "../support/web.ts";

const publisher = await stranger();
const server = await testServer({ legacy_grants: true }, { outbound: looseOutbound() });
const live = await webServer();
after(async () => {
  await server.close();
  await live.close();
  await publisher.close();
});

const stories = { ...objectStories, ...referenceStories(() => publisher) };
for (const [sentence, story] of Object.entries(stories)) test(sentence, () => story(server));

test("the page about authorization requests: its signed request is answered", async () => {
  const folder = mkdtempSync(join(tmpdir(), "valetkey-request-"));
  const { privateKey, publicKey } = await generateKeyPair("RS256", { extractable: true });
  const key = join(folder, "app.pem");
  writeFileSync(key, await exportPKCS8(privateKey));
  const keys = [await exportJWK(publicKey)];
  const client = await live.addClient({ ...WEB, jwks: { keys } });
  const [answer = ""] = await pasteRequests("docs/authorization-requests.md", {
    ISSUER: live.issuer,
    CLIENT_ID: client.client_id,
    REDIRECT_URI: WEB.redirect_uris[0] ?? "",
    KEY: key,
  });
  rmSync(folder, { recursive: true });
  const { error, state } = answerIn(new URL(answer));
  assert.deepEqual([error, state], ["login_required", "signed"]);
});
