/** docs/connect/authlib.md with the real library, in Flask and in Django. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { cacheOf } from "./programs.ts";
import { follow, type Recipe, signIn } from "./recipe.ts";

const recipes: Recipe[] = [];
after(async () => {
  for (const recipe of recipes) await recipe.close();
});

for (const [framework, command] of [
  ["Flask", "flask run"],
  ["Django", "python web.py"],
] as const)
  test(`${framework}: the session has name and e-mail`, async () => {
    const recipe = await follow("authlib", { folder: cacheOf("authlib") });
    recipes.push(recipe);
    await recipe.start(command);
    const { browser, origin } = recipe;
    const back = await signIn(browser, await browser.get(`${origin}/login`));
    const { name, email, email_verified, sub } = JSON.parse(back.html);
    assert.deepEqual([name, email, email_verified], ["Ada Lovelace", "ada@example.com", true]);
    assert.ok(sub);
    assert.deepEqual(recipe.refusals(), []);
  });
