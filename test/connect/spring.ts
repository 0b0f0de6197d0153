/** docs/connect/spring.md with the real framework: the sign-in, and the API. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { cacheOf } from "./programs.ts";
import { follow, type Recipe, signIn } from "./recipe.ts";

let recipe: Recipe;
before(async () => {
  recipe = await follow("spring", { folder: cacheOf("spring"), env: { JAVA_TOOL_OPTIONS: "" } });
  await recipe.start("java -jar");
});
after(() => recipe?.close());

test("the session has name and e-mail", async () => {
  const { browser, origin } = recipe;
  const back = await signIn(browser, await browser.get(`${origin}/oauth2/authorization/valetkey`));
  const { name, email } = JSON.parse(back.html);
  assert.deepEqual([name, email], ["Ada Lovelace", "ada@example.com"]);
  assert.deepEqual(recipe.refusals(), []);
});

test("the API takes access tokens for itself with the right scope only", async () => {
  const { origin, issuer } = recipe;
  const service = await recipe.valetkey(["client", "add", "--name", "Backup"]);
  await new Promise((done) => setTimeout(done, 1000));
  const tokenFor = async (asked: Record<string, string>): Promise<string> => {
    const { client_id, client_secret } = service;
    const known = { client_id: String(client_id), client_secret: String(client_secret) };
    const body = new URLSearchParams({ grant_type: "client_credentials", ...known, ...asked });
    const answer = await fetch(`${issuer}/token`, { method: "POST", body });
    return JSON.parse(await answer.text()).access_token;
  };
  const call = async (token: string): Promise<number> => {
    const headers = { authorization: `Bearer ${token}` };
    return (await fetch(`${origin}/api/photos`, { headers })).status;
  };
  const good = await tokenFor({ scope: "photos.read" });
  assert.equal(await call(good), 200);
  assert.equal(await call(`${good}x`), 401);
  assert.equal(await call(await tokenFor({ scope: "photos.write" })), 403);
  assert.equal(await call(await tokenFor({ resource: issuer })), 401);
});
