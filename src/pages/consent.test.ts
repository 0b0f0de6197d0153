import assert from "node:assert/strict";
import { test } from "node:test";
import { viewIn } from "../../test/support/view.ts";
import { type ConsentPermission, type ConsentProps, consentPage } from "./consent.ts";
import { render } from "./html.ts";

const read: ConsentPermission = {
  permission: "https://snaps.test photos.read",
  scope: "photos.read",
  description: "See your photos",
  access: "read",
  required: false,
  granted_before: false,
  checked: true,
};
const write: ConsentPermission = {
  ...read,
  permission: "https://snaps.test photos.write",
  scope: "photos.write",
  description: "Change your photos",
  access: "change",
};
const openid: ConsentPermission = {
  ...read,
  permission: "https://as.test openid",
  scope: "openid",
  description: null,
  access: null,
  required: true,
};
const props: ConsentProps = {
  form: { action: "/consent", hidden: { csrf: "c5rf", continue: "sealed" } },
  app: { name: "Printly", host: "printly.example", logo: null, registered_by: "operator" },
  changes: [],
  documents: { policy: null, terms: null, picture: null },
  redirect: { kind: "site", host: "printly.example" },
  person: { name: "Ada Lovelace", username: "ada" },
  other_account_href: "/select-account?continue=sealed",
  groups: [
    { name: "Snaps", permissions: [read, write] },
    { name: null, permissions: [openid] },
  ],
  lasts: { kind: "until_removed" },
};
const draw = (changes: Partial<ConsentProps> = {}) =>
  render(consentPage({ ...props, ...changes }, viewIn("en")).body);

test("the form posts a decision and the ticked permissions", () => {
  const text = draw({
    groups: [{ name: "Snaps", permissions: [read, { ...write, checked: false }] }],
  });
  assert.match(text, /<button name="decision" value="deny">Don’t allow</);
  assert.match(text, /<button class="main" name="decision" value="allow">Allow</);
  assert.match(
    text,
    /<input type="checkbox" name="permission" value="https:\/\/snaps\.test photos\.read" checked>/,
  );
  assert.match(
    text,
    /<input type="checkbox" name="permission" value="https:\/\/snaps\.test photos\.write">/,
  );
});

test("the first button of the form does nothing, so that Enter elsewhere decides nothing", () => {
  const [, form = ""] = /<form[^>]*action="\/consent"[^>]*>(.*)<\/form>/s.exec(draw()) ?? [];
  assert.match(/<button[^>]*>/.exec(form)?.[0] ?? "", /formmethod="dialog" hidden/);
});

test("permissions of the sign-in are plain lines without a checkbox", () => {
  assert.doesNotMatch(draw(), /value="openid"/);
  assert.match(draw(), /Know who you are/);
});

test("new permissions come first, and earlier ones are folded", () => {
  const text = draw({
    groups: [{ name: "Snaps", permissions: [{ ...read, granted_before: true }, write] }],
  });
  assert.ok(text.indexOf("photos.write") < text.indexOf("<details"));
  assert.ok(text.indexOf("<details") < text.indexOf("photos.read"));
  assert.match(text, /You allowed 1 thing before/);
});

test("if everything was allowed before, all permissions are shown open", () => {
  const permissions = [{ ...read, granted_before: true }];
  const text = draw({ groups: [{ name: "Snaps", permissions }] });
  assert.doesNotMatch(text, /<details/);
  assert.match(text, /will be able to.*You allowed all of this before/s);
});

test("the host is always shown in full, and the redirect host too if it differs", () => {
  const host = `google.com.${"long.".repeat(40)}example`;
  const text = draw({
    app: { ...props.app, host },
    redirect: { kind: "site", host: `cb.${host}` },
  });
  const unbroken = text.replaceAll(/<wbr>|<b class="owner">|<\/b>/g, "");
  assert.ok(unbroken.includes(`>${host}<`));
  assert.ok(unbroken.includes(`>cb.${host}<`));
  assert.match(text, /You go on to .*, another address than the one above/);
  assert.match(draw(), /Back to .*printly\.example/);
});

test("an app on this computer is to be allowed on one condition, and an app that no operator added has a warning", () => {
  const loopback = draw({ redirect: { kind: "loopback", host: "127.0.0.1:5000" } });
  assert.match(loopback, /App on this device, port 5000/);
  const scheme = draw({ redirect: { kind: "scheme", scheme: "com.example.app" } });
  assert.match(scheme, /App on this device/);
  const condition = /Allow only if you just started this app yourself/;
  for (const text of [loopback, scheme]) assert.match(text, condition);
  assert.doesNotMatch(draw(), /note warn|Allow only if/);
  for (const registered_by of ["person", "itself"] as const)
    assert.match(draw({ app: { ...props.app, registered_by } }), /note warn.*Not checked by/s);
});

test("a page has one coloured notice at most: beside a warning, a problem has a plain box", () => {
  const app = { ...props.app, registered_by: "person" } as const;
  for (const problem of ["form_expired", "account_added"] as const) {
    const text = draw({ app, problem, redirect: { kind: "loopback", host: "[::1]" } });
    const notices = [...text.matchAll(/class="(note[^"]*)"( role="alert")?/g)];
    assert.deepEqual(
      notices.map(([, name, role]) => [name, role !== undefined]),
      [
        ["note warn", false],
        ["note", true],
      ],
    );
  }
  assert.match(draw({ problem: "form_expired" }), /class="note bad" role="alert"/);
  assert.match(draw({ problem: "account_added" }), /class="note warn" role="alert"/);
});

test("a device's code stands once, beside the answer, and only another network stands out", () => {
  const device: ConsentProps["redirect"] = {
    kind: "device",
    user_code: "WDJB-MJHT",
    begun_at: viewIn("en").now - 120,
    address: "203.0.113.7",
    here: false,
  };
  const elsewhere = draw({ redirect: device });
  assert.equal(elsewhere.match(/WDJB-MJHT/g)?.length, 1);
  assert.match(elsewhere, /class="answer"><p class="hint"><strong>Allow only if.*WDJB-MJHT/);
  assert.match(elsewhere, /Asked 2 minutes ago, <strong>from another network<\/strong>.*203\.0/);
  const here = draw({ redirect: { ...device, here: true } });
  assert.match(here, /Asked 2 minutes ago, from the same network</);
  const unknown = { ...device, address: null };
  const app = { ...props.app, host: null };
  assert.match(draw({ redirect: unknown }), /Asked 2 minutes ago</);
  assert.match(draw({ app, redirect: unknown }), /Asked 2 minutes ago · no website</);
});

test("a long name of an app is not repeated above its permissions", () => {
  const named = (name: string) => draw({ app: { ...props.app, name } });
  assert.match(named("Printly"), /<h2 id="may">.*Printly.* will be able to<\/h2>/);
  assert.match(named("Snaps for the terminal"), /<h2 id="may">It will be able to<\/h2>/);
});

test("a long login loses its middle, and keeps its end", () => {
  const login = (username: string) => draw({ person: { name: "", username } });
  assert.match(
    login("grace.hopper@navy.example.org"),
    /<bdi>grace\.hopper@navy\.example\.org<\/bdi>/,
  );
  const text = login(`${"grace.".repeat(9)}hopper@navy.example.org`);
  assert.match(text, /<bdi class="ends"><span>grace\.[^<]*…<\/span><span>mple\.org<\/span><\/bdi>/);
});

test("each permission is a cut of the key: long to change, and both kinds are counted", () => {
  const text = draw();
  assert.equal(text.match(/<li class="long">/g)?.length, 1);
  assert.match(text, /<li class="long">.*can change.*photos\.write/s);
  assert.match(text, /class="legend"><span>see 2 things<\/span><span class="long">change 1</);
  // Few permissions name their API themselves, many have headings.
  assert.match(text, /In <bdi>Snaps<\/bdi>/);
  const more = ["a", "b"].map((scope) => ({ ...read, permission: `https://snaps.test ${scope}` }));
  const many = draw({
    groups: [
      { name: "Snaps", permissions: [read, write, ...more] },
      { name: null, permissions: [openid] },
    ],
  });
  assert.match(many, /<h3><bdi>Snaps<\/bdi><\/h3>.*<h3>Your account<\/h3>/s);
  assert.doesNotMatch(many, /In <bdi>Snaps/);
});

test("a hostile name cannot reorder, hide or displace the host", () => {
  const name = `\u202eelgooG\u200b<img src=x onerror=alert(1)>${"x".repeat(5000)}`;
  const text = draw({ app: { ...props.app, name } });
  assert.doesNotMatch(text, /[\u202e\u200b]|<img/);
  assert.doesNotMatch(text, /x{61}/);
  assert.match(draw({ app: { ...props.app, name: "\u200b" } }), /An app without a name/);
});

test("the form may lead to any web address and to the app's own scheme", () => {
  const policy = (redirect: ConsentProps["redirect"]) =>
    consentPage({ ...props, redirect }, viewIn("en")).form_action;
  assert.deepEqual(policy(props.redirect), ["'self'", "https:", "http:"]);
  assert.deepEqual(
    policy({ kind: "scheme", scheme: "com.example.app" })?.at(-1),
    "com.example.app:",
  );
});

test("the page says for how long access lasts, and where to remove it", () => {
  assert.match(
    draw(),
    /until you remove it in <a href="\/account" target="_blank" rel="noopener">/,
  );
  const session = draw({ lasts: { kind: "session" } });
  assert.match(session, /Works while you are signed in here. Remove it/);
  const asked = draw({ lasts: { kind: "asked" } });
  assert.match(asked, /until you are signed out here, or remove it in/);
  const until = draw({ lasts: { kind: "until", time: 0 } });
  assert.match(until, /until <time datetime="1970-01-01.* at the longest/);
});
