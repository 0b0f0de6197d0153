/** docs/connect/apache.md with the real Apache, before an app that shows what it gets. */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { cacheOf } from "./programs.ts";
import { follow, type Recipe, signIn } from "./recipe.ts";

const MODULES =
  "mpm_event authn_core authz_core authz_user auth_openidc headers proxy proxy_http".split(" ");
const app = createServer((request, response) => response.end(JSON.stringify(request.headers)));
let recipe: Recipe;
before(async () => {
  await new Promise<void>((resolve) => app.listen(0, "127.0.0.1", resolve));
  const address = app.address();
  recipe = await follow("apache", { folder: cacheOf("apache") });
  const { folder } = recipe;
  mkdirSync(join(folder, "logs"), { recursive: true });
  // The machine's own configuration, without the modules that this has no use for.
  const main = `
ServerRoot ${folder}
ServerName localhost
Listen ${new URL(recipe.origin).port}
PidFile ${folder}/logs/pid
ErrorLog ${folder}/logs/error
User www-data
Group www-data
Mutex pthread
${MODULES.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`).join("\n")}
# A browser says "navigate" and "text/html" where fetch of Node can't.
RequestHeader unset Sec-Fetch-Mode early
RequestHeader set Accept text/html early
Include ${folder}/valetkey.conf
RequestHeader set X-Remote-User "expr=%{REMOTE_USER}"
ProxyPass /callback !
ProxyPass / http://127.0.0.1:${typeof address === "object" ? address?.port : ""}/
`;
  writeFileSync(join(folder, "main.conf"), main);
  await recipe.launch(`/usr/sbin/apache2 -f ${folder}/main.conf -DFOREGROUND`);
});
after(async () => {
  await recipe?.close();
  app.close();
});

test("the pages behind it learn who is there", async () => {
  const { browser, origin } = recipe;
  const back = await signIn(browser, await browser.get(`${origin}/page`));
  const headers = JSON.parse(back.html);
  assert.equal(headers.oidc_claim_email, "ada@example.com");
  assert.equal(headers.oidc_claim_name, "Ada Lovelace");
  assert.equal(headers["x-remote-user"], "ada@example.com");
  assert.deepEqual(recipe.refusals(), []);
});
