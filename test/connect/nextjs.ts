/** docs/connect/nextjs.md with the real framework. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { cacheOf } from "./programs.ts";
import { follow, type Recipe, signIn } from "./recipe.ts";

let recipe: Recipe | undefined;
after(() => recipe?.close());

test("the session has name and e-mail", async () => {
  const env = { NEXT_TELEMETRY_DISABLED: "1", CI: "true" };
  recipe = await follow("nextjs", { folder: cacheOf("nextjs"), env });
  const { browser, origin } = recipe;
  await recipe.start("npx next dev");
  const choice = await browser.get(`${origin}/api/auth/signin`);
  const back = await signIn(browser, await browser.submit(choice, "/api/auth/signin/valetkey"));
  assert.match(
    back.text.replaceAll("<!-- -->", ""),
    /Signed in as Ada Lovelace ?, ada@example.com/,
  );
  assert.deepEqual(recipe.refusals(), []);
});
