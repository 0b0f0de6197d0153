/** docs/connect/kubelogin.md: kubelogin's libraries get the token, and the API server's own code judges it. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { after, before, test } from "node:test";
import tls from "node:tls";
import { cacheOf } from "./programs.ts";
import { follow, type Program, type Recipe, signIn } from "./recipe.ts";

// The API server takes https only.
const CERTIFICATE = resolve("test/vectors/tls/one.crt");
const KEY = resolve("test/vectors/tls/one.key");
let recipe: Recipe;
let program: Program;
before(async () => {
  tls.setDefaultCACertificates([readFileSync(CERTIFICATE, "utf8")]);
  recipe = await follow("kubelogin", {
    port: 8000,
    folder: cacheOf("kubelogin"),
    start: ["--tls-cert", CERTIFICATE, "--tls-key", KEY],
    env: { SSL_CERT_FILE: CERTIFICATE },
    words: { "kubectl oidc-login ": "bin/kubernetes " },
  });
  const { port } = new URL(recipe.origin);
  const address = `--listen-address=localhost:${port}`;
  program = await recipe.start("kubectl oidc-login get-token", address);
});
after(() => recipe.close());

test("the API server knows the person and the groups, also after a refresh", async () => {
  const { browser, origin, folder } = recipe;
  const back = await signIn(browser, await browser.get(origin));
  assert.match(back.text, /Authenticated/);
  while (program.code() === null) await new Promise((done) => setTimeout(done, 50));
  assert.equal(program.code(), 0, program.said());
  const tokens = program.said();
  assert.equal(tokens.trim().split("\n").length, 2);

  const arguments_ = ["--authentication-config=authentication.yaml"];
  const judged = spawnSync(
    join(folder, "bin/kubernetes"),
    ["kube-apiserver", ...arguments_, `--certificate-authority=${CERTIFICATE}`],
    { cwd: folder, input: tokens, encoding: "utf8" },
  );
  assert.equal(judged.stderr, "");
  assert.equal(judged.stdout, "ada@example.com admins\n".repeat(2));
});

test("the log explains the empty secret of Go's library, which harms nothing", () => {
  const [refusal, ...others] = recipe.refusals();
  assert.match(String(refusal?.hint), /AuthStyleInParams/);
  assert.deepEqual(others, []);
});
