import assert from "node:assert/strict";
import { test } from "node:test";
import { page } from "./route.ts";
import { createRouter } from "./router.ts";

const routerOf = (...paths: string[]) => createRouter(paths.map((path) => page(path, {})));
const found = (router: ReturnType<typeof routerOf>, path: string) => {
  const match = router(path);
  return match && { path: match.route.path, ...match.params };
};

test("an exact path is compared as sent", () => {
  const router = routerOf("/", "/token", "/account/apps");
  assert.deepEqual(found(router, "/token"), { path: "/token" });
  assert.deepEqual(found(router, "/"), { path: "/" });
  assert.deepEqual(found(router, "/account/apps"), { path: "/account/apps" });
  for (const path of [
    "",
    "/token/",
    "//token",
    "/TOKEN",
    "/%74oken",
    "/token?",
    "/a/../token",
    "/{x}",
    "/account",
    "/constructor",
    "/__proto__",
  ])
    assert.equal(router(path), null, path);
});

test("a named segment reaches the handler decoded", () => {
  const router = routerOf("/account/apps/{client_id}", "/people/{sub}/apps/{client_id}");
  for (const [sent, client_id] of [
    ["printly", "printly"],
    ["a%20b", "a b"],
    ["a+b", "a+b"],
    ["https%3A%2F%2Fapp.example%2Fclient.json", "https://app.example/client.json"],
    ["%C3%A9t%c3%a9", "été"],
    ["%F0%9F%94%91", "🔑"],
    ["%25", "%"],
    ["a:b@c;d=e", "a:b@c;d=e"],
    ["__proto__", "__proto__"],
    ["...", "..."],
    ["x".repeat(512), "x".repeat(512)],
    [encodeURIComponent("€".repeat(512)), "€".repeat(512)],
  ] as const) {
    const path = "/account/apps/{client_id}";
    assert.deepEqual(found(router, `/account/apps/${sent}`), { path, client_id }, sent);
  }
  assert.deepEqual(found(router, "/people/ada/apps/web"), {
    path: "/people/{sub}/apps/{client_id}",
    sub: "ada",
    client_id: "web",
  });
});

test("a malformed segment matches no pattern", () => {
  const router = routerOf("/apps/{client_id}");
  for (const segment of [
    "",
    ".",
    "..",
    "%2e",
    "%2E%2e",
    "%",
    "%2",
    "%zz",
    "a%",
    "%u0041",
    "%C3%28",
    "%C0%AF",
    "%ED%A0%80",
    "%F4%90%80%80",
    "%00",
    "a%0Ab",
    "%7F",
    "%C2%85",
    "a b",
    "é",
    "a\\b",
    'a"b',
    "a?b",
    "a#b",
    "a/b",
    "a/",
    "{client_id}",
    "x".repeat(513),
    "%41".repeat(513),
    "%41".repeat(100_000),
  ])
    assert.equal(router(`/apps/${segment}`), null, segment.slice(0, 30));
  for (const path of [
    "/apps",
    "/Apps/x",
    "apps/x",
    "/x/apps/y",
    "/apps/x/y",
    `${"/".repeat(9999)}x`,
  ])
    assert.equal(router(path), null, path.slice(0, 30));
});

test("an exact path takes precedence over a matching pattern", () => {
  const router = routerOf("/apps/{client_id}", "/apps/new");
  assert.deepEqual(found(router, "/apps/new"), { path: "/apps/new" });
  assert.deepEqual(found(router, "/apps/%6eew"), { path: "/apps/{client_id}", client_id: "new" });
});

test("malformed or ambiguous routes are refused at once", () => {
  for (const path of [
    "",
    "apps",
    "/apps/",
    "//",
    "/a b",
    "/{}",
    "/{A}",
    "/x{a}",
    "/{a}/{a}",
    "/%41",
  ])
    assert.throws(() => routerOf(path), /is no path of a route/, path);
  for (const [one, other] of [
    ["/a", "/a"],
    ["/a/{x}", "/a/{y}"],
    ["/a/{x}/c", "/a/b/{y}"],
    ["/{x}/b", "/a/{y}"],
  ] as const)
    assert.throws(() => routerOf(one, other), /two routes answer/, `${one} ${other}`);
  assert.ok(routerOf("/a/{x}", "/b/{x}", "/a/{x}/c", "/a/{x}/d"));
});

test("a long unknown path has no route", () => {
  const router = routerOf("/apps/{client_id}", "/a/{b}/{c}/{d}");
  const length = 32_000;
  for (const path of ["/apps/%C3".repeat(length), "/apps/%C3", "/".repeat(length)])
    assert.equal(router(path), null, path.slice(0, 20));
});
