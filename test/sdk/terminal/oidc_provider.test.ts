/** `valetkey/client/terminal` with npm `oidc-provider`: each way, its device flow included, and its strict rotation. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { machine } from "../../../src/sdk/client/terminal/surroundings.ts";
import {
  openSession,
  signIn,
  type TerminalOptions,
} from "../../../src/sdk/client/terminal/terminal.ts";
import { demoBrowser } from "../../support/demo_browser.ts";
import { oidcProvider } from "../../support/oidc_provider.ts";
import { failure } from "../failure.ts";
import { person } from "./person.ts";
import { APP, AT_A_DESK, environment, OVER_SSH, stateHome } from "./scene.ts";

const provider = await oidcProvider({
  clients: [
    {
      ...{ client_id: "app", token_endpoint_auth_method: "none", application_type: "native" },
      redirect_uris: ["http://127.0.0.1/callback"],
      response_types: ["code"],
      grant_types: [
        ...["authorization_code", "refresh_token"],
        "urn:ietf:params:oauth:grant-type:device_code",
      ],
    },
  ],
  features: { deviceFlow: { enabled: true } },
});
const { issuer } = provider;

async function scene(t: TestContext, env: Readonly<Record<string, string | undefined>>) {
  await provider.agrees("app", "openid profile email offline_access");
  t.mock.method(machine, "isContainer", () => false);
  environment(t, { ...env, BROWSER: "/bin/true", XDG_STATE_HOME: stateHome() });
  const ui = person();
  const options: TerminalOptions = { app: APP, issuer, clientId: "app", storage: "file", ui };
  return { ui, options };
}

async function works(options: TerminalOptions): Promise<void> {
  const session = await openSession(options);
  assert.equal(session?.user?.name, "Ada Lovelace");
  assert.equal((await session.fetch(`${issuer}/me`)).status, 200);
  // Twice: the refresh token that came with the first one is the one that is good.
  const tokens = [session, await openSession(options)].map((each) =>
    each?.token({ minimumLife: 100_000 }),
  );
  assert.equal(new Set(await Promise.all(tokens)).size, 2);
  await session.signOut();
  assert.equal(await openSession(options), null);
  await assert.rejects(
    session.token({ minimumLife: 100_000 }),
    failure("no_session", /signed out/),
  );
}

test("loopback", async (t) => {
  const { ui, options } = await scene(t, AT_A_DESK);
  const signing = signIn(options);
  const [, address = ""] = await ui.sees(/^ {2}(http\S+)$/m);
  assert.match((await demoBrowser().get(address)).text, /Signed in to snaps/);
  assert.equal((await signing).account, "ada@example.com");
  await works(options);
});

test("paste", async (t) => {
  const { ui, options } = await scene(t, OVER_SSH);
  const signing = signIn({ ...options, ways: ["paste"] });
  const [, address = ""] = await ui.sees(/^ {2}(http\S+)$/m);
  const redirect_uri = new URL(address).searchParams.get("redirect_uri") ?? "";
  const { url } = await demoBrowser({ stop_at: redirect_uri }).get(address);
  ui.types(url.href);
  await signing;
  await works(options);
});

test("device", async (t) => {
  const { ui, options } = await scene(t, OVER_SSH);
  const signing = signIn(options);
  const [, address = "", user_code = ""] = await ui.sees(/^ {2}(http\S+)\n {2}(\S+)$/m);
  const browser = demoBrowser();
  const page = await browser.get(address);
  const asked = await browser.submit(page, "/device", { user_code });
  const done = await browser.submit(asked, "/device");
  assert.equal(done.status, 200, done.text);
  assert.equal((await signing).account, "ada@example.com");
  await works(options);
});

test("a session that replaces another one lives on, though both have one grant there", async (t) => {
  const { ui, options } = await scene(t, AT_A_DESK);
  for (const force of [false, true]) {
    ui.lines.splice(0);
    const signing = signIn({ ...options, force });
    const [, address = ""] = await ui.sees(/^ {2}(http\S+)$/m);
    await demoBrowser().get(address);
    await signing;
  }
  await works(options);
});

test("a session whose grant is gone is over, and says so", async (t) => {
  const { ui, options } = await scene(t, AT_A_DESK);
  const signing = signIn(options);
  const [, address = ""] = await ui.sees(/^ {2}(http\S+)$/m);
  await demoBrowser().get(address);
  const session = await signing;
  await provider.withdraws("app");
  await assert.rejects(
    session.token({ minimumLife: 100_000 }),
    failure("session_over", /invalid_grant/),
  );
  assert.equal(await openSession(options), null);
});
