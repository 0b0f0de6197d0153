import assert from "node:assert/strict";
import { test } from "node:test";
import { viewIn } from "../../test/support/view.ts";
import { render } from "./html.ts";
import { type SignInProps, signInPage } from "./sign_in.ts";

const props: SignInProps = {
  form: { action: "/sign-in", hidden: { csrf: "c5rf", continue: "sealed" } },
  app: { name: "Printly", host: "printly.example", logo: null },
  username: "",
  problem: null,
  forgot_href: null,
  email_code_href: null,
  passkey: null,
  password: true,
  last_way: null,
  create_account_href: null,
  help: null,
};
const draw = (changes: Partial<SignInProps> = {}, tag = "en") =>
  render(signInPage({ ...props, ...changes }, viewIn(tag)).body);
const input = (text: string, name: string) =>
  new RegExp(`<input[^>]* name="${name}"[^>]*>`).exec(text)?.[0] ?? "";

test("the form posts username and password with the hidden fields", () => {
  const text = draw();
  assert.match(text, /<form method="post" action="\/sign-in"/);
  assert.equal(input(text, "csrf"), '<input type="hidden" name="csrf" value="c5rf">');
  assert.equal(input(text, "continue"), '<input type="hidden" name="continue" value="sealed">');
  assert.match(input(text, "username"), /autocomplete="username"/);
  assert.match(input(text, "username"), /autocapitalize="none"/);
  assert.match(input(text, "password"), /type="password".*autocomplete="current-password"/);
  assert.doesNotMatch(text, /onpaste/);
});

test("the app is named with its host", () => {
  assert.match(draw(), /<bdi>Printly<\/bdi>/);
  assert.match(draw(), />printly\.example</);
});

test("a wrong password is reported beside its field; the username is kept, the password never", () => {
  const text = draw({ username: 'ada"', problem: { kind: "wrong" } });
  assert.match(input(text, "username"), /value="ada&quot;"/);
  assert.match(input(text, "username"), /aria-invalid="true"/);
  assert.match(
    input(text, "password"),
    /aria-describedby="password-error" aria-invalid="true" autofocus/,
  );
  assert.doesNotMatch(input(text, "password"), /value=/);
  assert.match(text, /id="password-error"/);
});

test("messages without a field are alerts: waiting, a busy server, an expired form", () => {
  assert.match(draw({ problem: { kind: "throttled", seconds: 32 } }), /role="alert".*32 seconds/s);
  assert.match(draw({ problem: { kind: "busy" } }), /role="alert"/);
  assert.match(draw({ problem: { kind: "form_expired" } }), /role="alert"/);
  assert.doesNotMatch(draw(), /role="alert"/);
});

test("the link to sign-up is shown only if sign-up is possible", () => {
  assert.doesNotMatch(draw(), /Create an account/);
  assert.match(draw({ create_account_href: "/sign-up?a=1&b=2" }), /href="\/sign-up\?a=1&amp;b=2"/);
});

test("people 6: the operator's words say whom to ask, escaped and in the person's language", () => {
  const said = (help: SignInProps["help"], tag = "en") =>
    [...draw({ help }, tag).matchAll(/<p class="hint help">(.*?)<\/p>/gs)].map(([, text]) => text);
  assert.deepEqual(said(null), [], "without words of the operator nothing is shown");
  assert.deepEqual(said({ text: "Ask <Ben> & co." }), ["Ask &lt;Ben&gt; &amp; co."]);
  assert.deepEqual(said({ text: "Forgot it?", href: "mailto:help@example.com" }), [
    'Forgot it? <a href="mailto:help@example.com">help@example.com</a>',
  ]);
  const href = "https://help.example/?a=1&b=2";
  const link = (label: string) => `<a href="https://help.example/?a=1&amp;b=2">${label}</a>`;
  assert.deepEqual(said({ href }), [link("Get help with signing in")]);
  assert.deepEqual(said({ href }, "de"), [link("Hilfe beim Anmelden")]);
  const text = { en: "Ask Ben.", de: "Fragen Sie Ben." };
  assert.deepEqual(said({ text }), ["Ask Ben."]);
  assert.deepEqual(said({ text }, "de"), ["Fragen Sie Ben."]);
  assert.deepEqual(said({ text: { de: text.de } }), ["Fragen Sie Ben."]);
  assert.deepEqual(said({ text: { en: text.en } }, "de"), ["Ask Ben."]);
});
