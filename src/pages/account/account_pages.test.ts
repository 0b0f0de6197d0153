import assert from "node:assert/strict";
import { test } from "node:test";
import { viewIn } from "../../../test/support/view.ts";
import { render } from "../html.ts";
import { editAppPage, type RegisterAppProps, registerAppPage } from "./app_form.ts";
import { appSecretPage } from "./app_secret.ts";
import { type ConnectedApp, connectedAppsPage } from "./connected_apps.ts";
import type { AppConnection } from "./connection.ts";
import { disconnectPage } from "./disconnect.ts";
import { securityPage } from "./security.ts";
import type { AccountFrame } from "./shell.ts";

const connection = (client_secret: string | null): AppConnection => ({
  issuer: "https://id.test",
  discovery: "https://id.test/.well-known/openid-configuration",
  client_id: "client-1",
  client_secret,
  scope: "openid profile",
  redirect_uris: ["https://a.test/cb", "https://b.test/cb"],
  env: `OIDC_ISSUER=https://id.test\nOIDC_CLIENT_SECRET=${client_secret}`,
  snippet: "const issuer = `<script>`;",
});
const view = viewIn("en");
const frame: AccountFrame = {
  person: { name: "", username: "ada" },
  csrf: "c5rf",
  account: "ada-key8",
  pages: ["connected_apps", "your_apps", "security"],
};
const app: ConnectedApp = {
  name: "Printly",
  host: "printly.example",
  logo: null,
  client_id: "client-1",
  groups: [],
  since: 0,
  last_used: null,
  start: null,
};
const register: RegisterAppProps = {
  frame,
  form_id: "sealed",
  kinds: ["web", "browser", "native"],
  values: {
    ...{ name: "Printly", site: "", redirect_uris: "https://a/\n<b>" },
    post_logout_redirect_uris: "",
    kind: "native",
    auth_method: "client_secret_post",
  },
  errors: {},
};

test("every account page shows its place and a way to sign out", () => {
  const text = render(connectedAppsPage({ frame, apps: [] }, view).body);
  assert.match(text, /<a href="\/account" aria-current="page"><svg.*?<\/svg>Connected apps<\/a>/);
  assert.equal(text.match(/aria-current/g)?.length, 1);
  assert.match(
    text,
    /<form method="post" action="\/sign-out"><input type="hidden" name="csrf" value="c5rf">/,
  );
});

test("the menu has Your apps for people who may register apps", () => {
  const menu = (pages: AccountFrame["pages"]) =>
    render(connectedAppsPage({ frame: { ...frame, pages }, apps: [] }, view).body);
  assert.match(menu(frame.pages), /href="\/account\/apps"/);
  assert.doesNotMatch(menu(["connected_apps", "security"]), /href="\/account\/apps"/);
});

test("a connected app is a row that opens, with the way to the page that asks before it is removed", () => {
  const text = render(connectedAppsPage({ frame, apps: [app] }, view).body);
  assert.match(text, /<details><summary class="row">.*<section class="key"/s);
  assert.match(text, /href="\/account\?remove=client-1">Remove access…/);
  assert.doesNotMatch(text, /value="remove"/);
  assert.match(text, /Not used yet/);
  const asks = render(disconnectPage({ frame, app }, view).body);
  assert.match(
    asks,
    /name="intent" value="remove"><input type="hidden" name="client_id" value="client-1">/,
  );
  assert.match(asks, /<h1>Remove .*Printly.*’s access\?<\/h1>/);
});

test("after a removal the page says so", () => {
  const text = render(connectedAppsPage({ frame, apps: [], removed: "Printly" }, view).body);
  assert.match(text, /role="status".*You have removed .*Printly<\/bdi><\/strong>/s);
});

test("an app form keeps its input, line by line, and the chosen kind", () => {
  const text = render(registerAppPage(register, view).body);
  assert.match(text, /<textarea[^>]*>\nhttps:\/\/a\/\n&lt;b&gt;<\/textarea>/);
  assert.match(text, /name="kind" value="native" checked/);
  assert.match(text, /name="intent" value="register"/);
});

test("each error is beside its field, and the first one has the focus", () => {
  const errors = {
    site: "invalid",
    redirect_uris: [{ kind: "fragment", uri: "https://a/#x<" }],
  } as const;
  const text = render(registerAppPage({ ...register, errors }, view).body);
  assert.match(
    text,
    /name="site"[^>]*aria-describedby="site-error site-hint" aria-invalid="true" autofocus/,
  );
  assert.match(text, /id="redirect_uris-error".*https:\/\/a\/#x&lt;/);
  assert.equal(text.match(/autofocus/g)?.length, 1);
});

test("only an app with a secret can get a new one", () => {
  const edit = (newest_secret: string | null) =>
    render(
      editAppPage(
        {
          ...register,
          connection: connection(null),
          app: { name: "Printly", host: null, logo: null },
          newest_secret,
          secret_overlap: 86_400,
        },
        view,
      ).body,
    );
  assert.match(edit("mark"), /value="new_secret".*name="replaces" value="mark".*another 24 hours/s);
  assert.doesNotMatch(edit(null), /new_secret/);
  assert.equal(edit("mark").match(/class="[^"]*\bmain\b/g)?.length, 1, "one main action");
});

test("the page of a new secret says how long the old one is valid", () => {
  const page = (old_secret_until: number | null) =>
    render(
      appSecretPage(
        { frame, app, reason: "new_secret", connection: connection("vks_x"), old_secret_until },
        view,
      ).body,
    );
  assert.match(page(86_400), /works until <time datetime="1970-01-02/);
  assert.match(page(null), /has stopped working/);
  assert.match(page(null), /<code id="client-secret" class="any">vks_x<\/code>/);
});

test("the page after registering has copying before leaving, and every value once more by itself", () => {
  const props = { frame, app, reason: "registered", connection: connection("vks_x") } as const;
  const text = render(appSecretPage(props, view).body);
  assert.match(text, /<code id="env">OIDC_ISSUER=https:\/\/id\.test\nOIDC_CLIENT_SECRET=vks_x</);
  assert.match(text, /class="main" data-copy="env"[^>]*>Copy all/);
  assert.ok(text.indexOf('data-copy="env"') < text.indexOf("I have kept the secret"));
  assert.match(text, /<code id="snippet">const issuer = `&lt;script&gt;`/);
  for (const value of ["https://b.test/cb", "openid profile", ".well-known/openid-configuration"])
    assert.ok(text.includes(value), value);
  assert.equal(text.match(/class="[^"]*\bmain\b/g)?.length, 1, "copying is the one main action");
});

test("this browser is listed first, and only the others can be signed out", () => {
  const session = { user_agent: null, network: null, since: 0, last_seen: 0 };
  const text = render(
    securityPage(
      {
        frame,
        passkeys: [],
        at_address: false,
        signals: {},
        can_change_password: false,
        app_codes: null,
        recovery_codes: null,
        email: null,
        email_href: null,
        events: [],
        errors: {},
        sessions: [
          { id: "other", this_one: false, ...session },
          { id: "mine", this_one: true, ...session },
        ],
      },
      view,
    ).body,
  );
  assert.ok(text.indexOf("this browser") < text.indexOf('value="other"'));
  assert.doesNotMatch(text, /value="mine"/);
  assert.doesNotMatch(text, /name="new_password"/);
});
