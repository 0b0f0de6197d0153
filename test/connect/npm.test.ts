/** The recipes of docs/connect whose libraries this repository installs. The others: `npm run connect`. */
import assert from "node:assert/strict";
import { symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { after, test } from "node:test";
import { follow, type Recipe, signIn } from "./recipe.ts";

const recipes: Recipe[] = [];
after(async () => {
  for (const recipe of recipes) await recipe.close();
});

async function connected(page: string): Promise<Recipe> {
  const secrets = { AUTH_SECRET: "s".repeat(43), SESSION_SECRET: "s".repeat(43) };
  const recipe = await follow(page, { env: secrets });
  recipes.push(recipe);
  writeFileSync(join(recipe.folder, "package.json"), '{ "private": true, "type": "module" }');
  symlinkSync(resolve("node_modules"), join(recipe.folder, "node_modules"));
  await recipe.start("node app.ts");
  return recipe;
}

test("authjs.md: the session of Auth.js has name and e-mail", async () => {
  const { origin, browser } = await connected("authjs");
  const choice = await browser.get(`${origin}/auth/signin`);
  const back = await signIn(browser, await browser.submit(choice, "/auth/signin/valetkey"));
  assert.equal(new URL(back.url).origin, origin);
  const { user } = JSON.parse((await browser.get(`${origin}/`)).html);
  assert.deepEqual([user.name, user.email], ["Ada Lovelace", "ada@example.com"]);
});

test("passport.md: the profile has id, name and e-mail", async () => {
  const { origin, browser } = await connected("passport");
  const back = await signIn(browser, await browser.get(`${origin}/login`));
  const profile = JSON.parse(back.html);
  assert.equal(profile.displayName, "Ada Lovelace");
  assert.equal(profile.emails[0].value, "ada@example.com");
  assert.ok(profile.id);
});

test("openid-client.md: the claims of the ID token have name and e-mail", async () => {
  const { origin, browser } = await connected("openid-client");
  const back = await signIn(browser, await browser.get(`${origin}/login`));
  const claims = JSON.parse(back.html);
  assert.deepEqual([claims.name, claims.email], ["Ada Lovelace", "ada@example.com"]);
});
