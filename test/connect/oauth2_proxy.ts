/** docs/connect/oauth2-proxy.md with the real program, before an app that shows what it gets. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { PASSWORD } from "../cli/cli.ts";
import { demoBrowser } from "../support/demo_browser.ts";
import { freePort } from "../support/postgres.ts";
import { cacheOf } from "./programs.ts";
import { follow, type Program, type Recipe, signIn } from "./recipe.ts";

const app = createServer((request, response) => response.end(JSON.stringify(request.headers)));
let recipe: Recipe;
let program: Program;
before(async () => {
  await new Promise<void>((resolve) => app.listen(0, "localhost", resolve));
  const address = app.address();
  const port = typeof address === "object" ? address?.port : null;
  const words = { "http://localhost:8080": `http://localhost:${port}` };
  recipe = await follow("oauth2-proxy", { port: 4180, words, folder: cacheOf("oauth2-proxy") });
  program = await recipe.start("oauth2-proxy");
});
after(async () => {
  await recipe.close();
  app.close();
});

test("the app behind it learns who is there", async () => {
  const { browser, origin } = recipe;
  assert.equal((await browser.get(`${origin}/`)).status, 403);
  const back = await signIn(browser, await browser.get(`${origin}/oauth2/start?rd=/`));
  const headers = JSON.parse(back.html);
  assert.equal(headers["x-forwarded-email"], "ada@example.com");
  assert.equal(headers["x-forwarded-preferred-username"], "ada");
  assert.equal(headers["x-forwarded-user"].length > 10, true);
  assert.deepEqual(recipe.refusals(), []);
});

test("a person whose address nobody verified stays outside, as the page says", async () => {
  const bob = ["--username", "bob", "--email", "bob@example.com", "--email-unverified"];
  await recipe.valetkey(["user", "add", ...bob, "--password-stdin"], PASSWORD);
  const browser = demoBrowser();
  const page = await browser.get(`${recipe.origin}/oauth2/start?rd=/`);
  const consent = await browser.submit(page, "/sign-in", { username: "bob", password: PASSWORD });
  const back = await browser.submit(consent, "/consent", { decision: "allow" });
  assert.notEqual(back.status, 200);
  assert.match(program.said(), /email in id_token \(bob@example.com\) isn't verified/);
});

test("without the PKCE flag, as in its own guide, the log names the command that lets it in", async () => {
  const other = await freePort();
  const command = recipe
    .commandOf("oauth2-proxy")
    .replace("--code-challenge-method=S256", "")
    .replace("--http-address=localhost:4180", `--http-address=localhost:${other}`);
  const origin = `http://localhost:${other}`;
  await recipe.launch(command, origin);
  const start = async () => (await demoBrowser().get(`${origin}/oauth2/start?rd=/`)).url.pathname;
  assert.equal(await start(), "/oauth2/callback");
  const { client_id } = recipe;
  const hint = `valetkey client update ${client_id} --no-require-pkce`;
  assert.equal(recipe.refusals().at(-1)?.hint, hint);
  await recipe.valetkey(hint.split(" ").slice(1));
  await new Promise((done) => setTimeout(done, 1000));
  assert.equal(await start(), "/sign-in");
});
