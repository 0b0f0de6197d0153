/** README's code blocks, run in their order by a reader who copies them. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { after, test } from "node:test";
import { type DemoBrowser, demoBrowser } from "./support/demo_browser.ts";
import { packedPackage } from "./support/packed_package.ts";
import { freePort } from "./support/postgres.ts";
import { type Running, startNode } from "./support/running.ts";

const folder = realpathSync(mkdtempSync(join(tmpdir(), "valetkey-readme-")));
const checkout = join(folder, "valetkey");
const my_app = join(folder, "my-app");
const running: Running[] = [];
after(async () => {
  await Promise.all(running.map((each) => each.stop()));
  rmSync(folder, { recursive: true });
});

/** README's ports, and free ones. */
const ports: Record<string, string> = {};
for (const port of ["3000", "3001", "4000"]) ports[port] = String(await freePort());
const withPorts = (text: string): string =>
  text.replaceAll(/\b(3000|3001|4000)\b/g, (port) => ports[port] ?? "");

/** The blocks, taken one after the other. */
const blocks = [...readFileSync("README.md", "utf8").matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)];
const all = blocks.length;
function next(kind: string, part: RegExp): string {
  const [, found, text = ""] = blocks.shift() ?? [];
  assert.equal(found, kind, text);
  assert.match(text, part);
  return withPorts(text);
}

const env = {
  ...process.env,
  PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
  // The server's command has no port in README.
  VALETKEY_PORT: ports["4000"],
  npm_config_prefer_offline: "true",
  npm_config_audit: "false",
  npm_config_fund: "false",
  npm_config_update_notifier: "false",
};
const sh = (commands: string, cwd: string): string =>
  execFileSync("sh", ["-ec", commands], { cwd, env, encoding: "utf8" });

/** A command that goes on until it is stopped, by itself: npm would not pass signals on. */
function start(command: string, cwd: string): Running {
  const [program, ...args] = command
    .trim()
    .replace(/^npm run -s valetkey --/, "node --conditions=valetkey-source src/cli/main.ts")
    .split(" ");
  assert.equal(program, "node");
  const each = startNode(args, { cwd, env });
  running.push(each);
  return each;
}

async function answers(address: string): Promise<void> {
  while (!(await fetch(address).catch(() => null)))
    await new Promise((resolve_) => setTimeout(resolve_, 50));
}

/** The program, with these lines in front of its first line that begins with `before`. */
function insert(file: string, lines: string, before: string): void {
  const path = join(my_app, file);
  const text = readFileSync(path, "utf8");
  const at = text.indexOf(`\n${before}`) + 1;
  assert.ok(at > 0, before);
  writeFileSync(path, text.slice(0, at) + lines + text.slice(at));
}

const issuer = `http://localhost:${ports["4000"]}`;
const app = `http://localhost:${ports["3000"]}`;
const api = `http://localhost:${ports["3001"]}`;
const browser: DemoBrowser = demoBrowser();
const allow = async (url: string, words: RegExp) => {
  const consent = await browser.get(url);
  assert.match(consent.text, words);
  return browser.submit(consent, "/consent", { decision: "allow" });
};
let server: Running;
let web: Running;

test("the first commands are those of every checkout", () => {
  // CI runs `npm test`, and test/flows/demo.test.ts the demo.
  const { scripts } = JSON.parse(readFileSync("package.json", "utf8"));
  const commands = next("sh", /npm start/).matchAll(/^npm (\w+)/gm);
  for (const [, name = ""] of commands) assert.ok(name in scripts, name);
});

test("Run it: a server, the administrator, and an app", async () => {
  mkdirSync(join(checkout, "node_modules"), { recursive: true });
  symlinkSync(resolve("src"), join(checkout, "src"));
  cpSync("package.json", join(checkout, "package.json"));
  server = start(next("sh", /start/), checkout);
  const [link = ""] = /http\S+setup\S+/.exec(await server.said('"listening"')) ?? [];
  const account = { name: "Ada Lovelace", username: "ada", password: "correct horse battery" };
  const made = await browser.submit(await browser.get(link), "/setup", account);
  assert.match(made.text, /Your apps/);

  const command = next("sh", /client add/).replace(
    "npm run -s valetkey --",
    "node src/cli/main.ts",
  );
  const printed = sh(command.replace("node ", "node --conditions=valetkey-source "), checkout);
  writeFileSync(join(folder, "lines"), [...printed.matchAll(/^OIDC_\w+=.*\n/gm)].join(""));
});

test("Log in with it: a web app signs Ada in", async () => {
  const archive = await packedPackage();
  const set_up = next("sh", /npm install/);
  const { version } = JSON.parse(readFileSync("package.json", "utf8"));
  const pack = "npm pack --silent --pack-destination ../my-app\n";
  const copy = `cp '${archive}' ../my-app/valetkey-${version}.tgz\n`;
  assert.ok(set_up.includes(pack));
  sh(set_up.replace(pack, copy), checkout);
  appendFileSync(join(my_app, ".env"), readFileSync(join(folder, "lines")));
  writeFileSync(join(my_app, "app.ts"), next("ts", /createAuth/));
  web = start(next("sh", /app\.ts/), my_app);
  await answers(`${app}/favicon.ico`);
  const page = await allow(`${app}/`, /My app/);
  assert.equal(page.url.href, `${app}/`);
  assert.deepEqual(JSON.parse(page.html), { hello: "Ada Lovelace" });
});

test("Protect an API: the app gets there with Ada's consent, and no longer without", async () => {
  writeFileSync(join(checkout, "valetkey.config.json"), next("json", /resources/));
  await server.stop();
  server = start(next("sh", /--config/), checkout);
  await server.said('"listening"');
  writeFileSync(join(my_app, "api.ts"), next("ts", /protect\(/));
  start(next("sh", /api\.ts/), my_app);
  await answers(api);
  assert.equal((await fetch(`${api}/api/photos`)).status, 401);

  insert("app.ts", next("ts", /resource:/), "});");
  insert("app.ts", next("ts", /auth\.fetch/), "app.use(recover)");
  await web.stop();
  web = start("node --env-file=.env app.ts", my_app);
  await answers(`${app}/favicon.ico`);
  // Ada is signed in since before. The new permission is asked for.
  const page = await allow(`${app}/photos`, /See your photos/);
  assert.equal(page.url.href, `${app}/photos`);
  assert.match(page.html, /^\{"photos_of":"[\w-]+"\}$/);

  const account = await browser.get(`${issuer}/account`);
  const [, remove = ""] = /href="(\/account\?remove=[^"]*)"/.exec(account.html) ?? [];
  const asks = await browser.get(issuer + remove);
  const removed = await browser.submit(asks, "/account", { intent: "remove" });
  assert.doesNotMatch(removed.text, /My app will|See your photos/);
  const began = Date.now();
  let refused = await browser.get(`${app}/photos`);
  while (refused.url.origin === app && Date.now() - began < 20_000)
    refused = await browser.get(`${app}/photos`);
  assert.match(refused.text, /My app wants to access your account/);
});

test("Embed it: an app with its own people becomes the provider", async () => {
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  const block = next("ts", /createAuthorizationServer/).replace("https://app.example.com", origin);
  const none = "async () => null";
  const people = `{ find: ${none}, findByLogin: ${none}, verifyPassword: ${none} }`;
  const program = `const myUsers = ${people};
${block}
const { serve } = await import("@hono/node-server");
serve({ fetch: app.fetch, port: ${port}, hostname: "localhost" });
`;
  writeFileSync(join(checkout, "embedded.ts"), program);
  for (const name of ["hono", "@hono"])
    symlinkSync(resolve("node_modules", name), join(checkout, "node_modules", name));
  symlinkSync(resolve("."), join(checkout, "node_modules/valetkey"));
  start("node --conditions=valetkey-source embedded.ts", checkout);
  await answers(origin);
  assert.equal(await (await fetch(origin)).text(), "my product");
  const metadata = await fetch(`${origin}/.well-known/openid-configuration`);
  assert.equal(JSON.parse(await metadata.text()).issuer, origin);
});

test("Test with it: a token of the issuer", () => {
  const block = next("ts", /startIssuer/);
  writeFileSync(join(my_app, "testing.ts"), `${block}console.log(token);\n`);
  assert.match(sh("node testing.ts", my_app), /^ey[\w-]+\.ey/);
});

test("README has no other block", () => {
  assert.equal(blocks.length, 0);
  assert.ok(all > 10, String(all));
});
