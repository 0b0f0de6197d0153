/** docs/connect/gitea.md with the library of Gitea and the flags of its command. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { freePort } from "../support/postgres.ts";
import { cacheOf } from "./programs.ts";
import { follow, type Recipe, signIn } from "./recipe.ts";

let recipe: Recipe | undefined;
after(() => recipe?.close());

test("Gitea learns the user name, the address and the name", async () => {
  const origin = `http://localhost:${await freePort()}`;
  const words = { "https://git.example.com": origin, "gitea admin auth add-oauth": "bin/gitea" };
  const env = { ORIGIN: origin };
  recipe = await follow("gitea", { folder: cacheOf("gitea"), words, env });
  await recipe.launch(recipe.commandOf("gitea admin auth"), `${origin}/`);
  const { browser } = recipe;
  const back = await signIn(browser, await browser.get(`${origin}/user/login`));
  const learned = { user: "ada", email: "ada@example.com", name: "Ada Lovelace" };
  assert.deepEqual(JSON.parse(back.html), learned);
  assert.deepEqual(recipe.refusals(), []);
});
