import assert from "node:assert/strict";
import { test } from "node:test";
import { viewIn } from "../../test/support/view.ts";
import { formPostPage } from "./form_post.ts";
import { render } from "./html.ts";

const props = {
  app: { name: "Printly" },
  redirect_uri: "https://printly.example/cb?a=1&b=2",
  parameters: { code: "vkc_x", state: '"><script>' },
};

test("the form sends every parameter to the redirect URI, byte for byte", () => {
  const text = render(formPostPage(props, viewIn("en")).body);
  assert.match(
    text,
    /<form method="post" action="https:\/\/printly\.example\/cb\?a=1&amp;b=2" data-auto-submit>/,
  );
  assert.match(text, /name="state" value="&quot;&gt;&lt;script&gt;"/);
  assert.match(text, /<button class="main"><span>Continue to/);
});

test("the policy lets the form reach the app, also on this computer", () => {
  const policy = (redirect_uri: string) =>
    formPostPage({ ...props, redirect_uri }, viewIn("en")).form_action;
  assert.deepEqual(policy(props.redirect_uri), ["https:"]);
  assert.deepEqual(policy("http://[::1]:5000/cb"), ["http:", "https:"]);
});
