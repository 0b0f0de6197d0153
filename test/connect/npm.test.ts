/** The recipes of docs/connect whose libraries this repository installs. The others: `npm run connect`. */
import assert from "node:assert/strict";
import { globSync, readFileSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { after, test } from "node:test";
import { PROGRAMS } from "./programs.ts";
import { follow, type Recipe, signIn } from "./recipe.ts";

const recipes: Recipe[] = [];
after(async () => {
  for (const recipe of recipes) await recipe.close();
});

const HERE = ["authjs", "passport", "openid-client"];

test("docs/connect/README.md says of each page how it was tried, and it was", () => {
  const text = readFileSync("docs/connect/README.md", "utf8");
  const row = (how: RegExp) =>
    text
      .split("\n")
      .filter((line) => how.test(line))
      .join(" ");
  const linked = (line: string) =>
    [...line.matchAll(/\]\(([\w-]+)\.md\)/g)].map(([, page]) => page);
  assert.deepEqual(linked(row(/by `npm test` \|$/)), HERE);
  const by_program = linked(row(/by `npm run connect` \|$/));
  assert.deepEqual(by_program.toSorted(), Object.keys(PROGRAMS).toSorted());
  const not_run = linked(row(/\| not run:/));
  const pages = globSync("docs/connect/*.md").map((file) => file.replace(/.*\/|\.md$/g, ""));
  const listed = [...HERE, ...by_program, ...not_run, "README"];
  assert.deepEqual(pages.toSorted(), listed.toSorted());
  for (const page of not_run)
    assert.match(readFileSync(`docs/connect/${page}.md`, "utf8"), /this page was not run/);
});

async function connected(page: string): Promise<Recipe> {
  const recipe = await follow(page);
  recipes.push(recipe);
  symlinkSync(resolve("node_modules"), join(recipe.folder, "node_modules"));
  await recipe.start("node --env-file=.env app.mjs");
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
