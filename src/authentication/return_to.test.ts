import assert from "node:assert/strict";
import { after, test } from "node:test";
import { contextOf, testServer } from "../../test/support/server.ts";
import { beginTransaction, carry, openTransaction } from "../authorization/transaction.ts";
import { PageError } from "../http/page.ts";
import { NO_NAMED_CLAIMS } from "../oauth/claims_request.ts";
import { parseForm } from "../oauth/params.ts";
import { readReturnTo } from "./return_to.ts";

const server = await testServer();
after(() => server.close());
const ctx = contextOf(server);
const browser = { id: "b".repeat(22), headers: [] };
const begun = beginTransaction(
  {
    asked: {
      ...{ client_id: "client-1", permissions: [`${ctx.issuer} openid`], left_out: [] },
      ...{ prompt: [], max_age: null, login_hint: null, claims: NO_NAMED_CLAIMS },
      required_level: null,
      wished_levels: [],
    },
    from: {
      ...{
        kind: "redirect",
        redirect_uri: "https://rp.test/cb",
        redirect_uri_sent: true,
        response_type: "code",
      },
      ...{ response_mode: "query", state: "s", code_challenge: null, nonce: null },
    },
    browser: browser.id,
  },
  ctx,
);

test("after sign-in a person continues the request or goes to a page of ours, nowhere else", () => {
  const sealed = carry(begun, ctx);
  const return_to = (query: string) => readReturnTo(parseForm(query, 10), { browser, ctx });
  const going = return_to(`continue=${sealed}&to=/account`);
  const [, carried = ""] = going.on("ada").split("continue=");
  assert.equal(openTransaction(carried, { browser, ctx }).account_sub, "ada");
  assert.deepEqual(going.hidden, { continue: sealed });
  for (const [query, on, hidden] of [
    ["", "/account", {}],
    ["to=/account/apps", "/account/apps", { to: "/account/apps" }],
    ["to=/account/security", "/account/security", { to: "/account/security" }],
    ["to=https://evil.test", "/account", {}],
    ["to=//evil.test", "/account", {}],
    ["to=/account/../admin", "/account", {}],
    ["to=/account/apps%0d%0ax:y", "/account", {}],
    ["to=javascript:alert(1)", "/account", {}],
    ["confirm=/account/security", "/account", {}],
  ] as const) {
    const { on: goOn, ...rest } = return_to(query);
    assert.deepEqual({ ...rest, on: goOn("ada") }, { tx: null, confirms: null, hidden, on }, query);
  }
  assert.throws(
    () => return_to("continue=x"),
    (error) => error instanceof PageError && error.kind === "expired",
  );
});
