/** `npm run providers`, with the servers of the tests instead of the real ones. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { clientOf, variablesOf } from "../tools/providers/account.ts";
import { compareErrors, compareMetadata, compareRotation } from "../tools/providers/compare.ts";
import { PUBLISHED } from "../tools/providers/published.ts";
import { appleServer, KEY_ID, P8, TEAM_ID } from "./support/providers/apple.ts";
import { discordServer } from "./support/providers/discord.ts";
import { facebookServer } from "./support/providers/facebook.ts";
import { githubServer, OCTOCAT } from "./support/providers/github.ts";
import { gitlabServer } from "./support/providers/gitlab.ts";
import { googleServer } from "./support/providers/google.ts";
import { CLIENT, type Loopback } from "./support/providers/loopback.ts";
import { CONTOSO, microsoftServer } from "./support/providers/microsoft.ts";
import { signIn } from "./support/providers/sign_in.ts";

const SERVERS: Record<string, () => Promise<Loopback>> = {
  github: () => githubServer({ app: "github", person: OCTOCAT, emails: "hidden" }),
  google: googleServer,
  microsoft: () => microsoftServer({ tenant: CONTOSO }),
  apple: () => appleServer({ email_verified: true }),
  gitlab: gitlabServer,
  facebook: facebookServer,
  discord: () => discordServer({ avatar: null, verified: true }),
};
const env = Object.fromEntries(
  PUBLISHED.flatMap(({ provider }) => variablesOf(provider)).map((name) => [
    name,
    settingFor(name),
  ]),
);

function settingFor(name: string): string {
  if (name.endsWith("CLIENT_ID")) return CLIENT.clientId;
  if (name.endsWith("CLIENT_SECRET")) return CLIENT.clientSecret;
  return { APPLE_PRIVATE_KEY: P8, APPLE_TEAM_ID: TEAM_ID, APPLE_KEY_ID: KEY_ID }[name] ?? CONTOSO;
}

test("each server of the tests publishes, answers and rotates as its row says", async () => {
  for (const row of PUBLISHED) {
    const { provider } = row;
    const server = SERVERS[provider.id];
    assert.ok(server, provider.id);
    await using _ = await server();
    assert.deepEqual(await compareMetadata(row), [], provider.id);
    const client = await clientOf(provider, env);
    assert.ok(client);
    assert.deepEqual(await compareErrors(provider, client), [], provider.id);
    const scope = `${provider.scope.join(" ")} offline_access`;
    const { refreshToken = "" } = await signIn(client, { scope });
    assert.deepEqual(await compareRotation(provider, client, refreshToken), [], provider.id);
  }
});

test("what differs is named", async () => {
  const [, google] = PUBLISHED;
  assert.equal(google?.provider.id, "google");
  await using _ = await googleServer();
  const members = { ...google.members, token_endpoint: "https://moved.test/token" };
  assert.deepEqual(await compareMetadata({ ...google, members }), [
    'token_endpoint is "https://oauth2.googleapis.com/token", expected "https://moved.test/token"',
  ]);
  const unread = { ...google.provider, read: () => ({ error: "unheard_of" }) };
  const client = await clientOf(unread, env);
  assert.ok(client);
  const [first = "", second = ""] = await compareErrors(unread, client);
  assert.match(first, /a wrong code gives AuthError: invalid_response.* expected login_expired/);
  assert.match(second, /a wrong refresh token gives .* expected session_over/);
  const right = await clientOf(google.provider, env);
  assert.ok(right);
  const { refreshToken = "" } = await signIn(right, { scope: "openid offline_access" });
  assert.deepEqual(
    await compareRotation({ ...google.provider, rotates: "strict" }, right, refreshToken),
    ["a refresh keeps the token, and the row says strict"],
  );
});

test("without internet it says so, and that nothing was compared", () => {
  const offline = `globalThis.fetch = async () => {
    throw new TypeError("fetch failed", { cause: Object.assign(new Error("x"), { code: "ENOTFOUND" }) });
  };`;
  const preload = `data:text/javascript,${encodeURIComponent(offline)}`;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--import", preload, "tools/providers/run.ts"],
    { encoding: "utf8", env: {} },
  );
  assert.equal(status, 2, stderr);
  assert.match(
    stdout,
    /google\n {2}issuer_unreachable: no connection to https:\/\/accounts\.google/,
  );
  assert.match(stderr, /Nothing was compared: no provider can be reached from here/);
  const unknown = spawnSync(process.execPath, ["tools/providers/run.ts", "--only", "acme"], {
    encoding: "utf8",
  });
  assert.deepEqual([unknown.status, unknown.stdout], [2, ""]);
  assert.match(unknown.stderr, /there is no row acme; github, google/);
});
