/** docs/connect/express.md with the real library. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { cacheOf } from "./programs.ts";
import { follow, type Recipe, signIn } from "./recipe.ts";

let recipe: Recipe | undefined;
after(() => recipe?.close());

test("the claims have name and e-mail", async () => {
  recipe = await follow("express", { folder: cacheOf("express") });
  await recipe.start("node --env-file=.env app.mjs");
  const { browser, origin } = recipe;
  assert.equal(JSON.parse((await browser.get(origin)).html), "nobody is signed in");
  const back = await signIn(browser, await browser.get(`${origin}/login`));
  const { name, email } = JSON.parse(back.html);
  assert.deepEqual([name, email], ["Ada Lovelace", "ada@example.com"]);
  assert.deepEqual(recipe.refusals(), []);
});
