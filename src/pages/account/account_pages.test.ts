import assert from "node:assert/strict";
import { test } from "node:test";
import { viewIn } from "../../../test/support/view.ts";
import { render } from "../html.ts";
import { editAppPage, type RegisterAppProps, registerAppPage } from "./app_form.ts";
import { appSecretPage } from "./app_secret.ts";
import { type ConnectedApp, connectedAppsPage } from "./connected_apps.ts";
import { securityPage } from "./security.ts";
import type { AccountFrame } from "./shell.ts";

const view = viewIn("en");
const frame: AccountFrame = {
  person: { name: "", username: "ada" },
  csrf: "c5rf",
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
};
const register: RegisterAppProps = {
  frame,
  values: { name: "Printly", site: "", redirect_uris: "https://a/\n<b>", kind: "device" },
  errors: {},
};

test("every account page shows its place and a way to sign out", () => {
  const text = render(connectedAppsPage({ frame, apps: [] }, view).body);
  assert.match(text, /<a href="\/account" aria-current="page">Connected apps<\/a>/);
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

test("a connected app has one button, which names the app it removes", () => {
  const text = render(connectedAppsPage({ frame, apps: [app] }, view).body);
  assert.match(
    text,
    /name="intent" value="remove"><input type="hidden" name="client_id" value="client-1">/,
  );
  assert.match(text, /aria-label="Remove Printly"/);
  assert.match(text, /Not used yet/);
});

test("after a removal the page says so", () => {
  const text = render(connectedAppsPage({ frame, apps: [], removed: "Printly" }, view).body);
  assert.match(text, /role="status".*You have removed .*Printly<\/bdi><\/strong>/s);
});

test("an app form keeps its input, line by line, and the chosen kind", () => {
  const text = render(registerAppPage(register, view).body);
  assert.match(text, /<textarea[^>]*>\nhttps:\/\/a\/\n&lt;b&gt;<\/textarea>/);
  assert.match(text, /name="kind" value="device" checked/);
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
  const edit = (kind: "web" | "device") =>
    render(
      editAppPage(
        {
          ...register,
          values: { ...register.values, kind },
          client_id: "client-1",
          current_name: "Printly",
          secret_overlap: 86_400,
        },
        view,
      ).body,
    );
  assert.match(edit("web"), /name="intent" value="new_secret".*another 24 hours/s);
  assert.doesNotMatch(edit("device"), /new_secret/);
});

test("the page of a new secret says how long the old one is valid", () => {
  const page = (old_secret_until: number | null) =>
    render(
      appSecretPage(
        { frame, app, reason: "new_secret", client_secret: "vks_x", old_secret_until },
        view,
      ).body,
    );
  assert.match(page(86_400), /works until <time datetime="1970-01-02/);
  assert.match(page(null), /has stopped working/);
  assert.match(page(null), /<code id="client-secret">vks_x<\/code>/);
});

test("this browser is listed first, and only the others can be signed out", () => {
  const session = { user_agent: null, since: 0, last_seen: 0 };
  const text = render(
    securityPage(
      {
        frame,
        can_change_password: false,
        errors: {},
        sessions: [
          { id: "other", this_one: false, ...session },
          { id: "mine", this_one: true, ...session },
        ],
      },
      view,
    ).body,
  );
  assert.ok(text.indexOf("This browser") < text.indexOf('value="other"'));
  assert.doesNotMatch(text, /value="mine"/);
  assert.doesNotMatch(text, /name="new_password"/);
});
