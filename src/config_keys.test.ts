import assert from "node:assert/strict";
import { test } from "node:test";
import { keysAt, nearest } from "./config_keys.ts";

test("a name is near when two letters are wrong at most, and never half of them", () => {
  const known = ["issuer", "port", "host", "tls", "lifetimes", "limits"];
  for (const [name, expected] of [
    ["isuer", "issuer"],
    ["issure", "issuer"],
    ["Issuer", "issuer"],
    ["prot", "port"],
    ["lifetime", "lifetimes"],
    ["limit", "limits"],
    ["tsl", "tls"],
    ["ab", null],
    ["a", null],
    ["", null],
    ["hosting", null],
    ["nothing_like_it", null],
  ] as const)
    assert.equal(nearest(name, known), expected, name);
});

test("the keys below a path: of objects, of records, and of what may be an object", () => {
  assert.ok(keysAt([]).includes("issuer"));
  assert.ok(keysAt(["lifetimes"]).includes("access_token"));
  assert.ok(keysAt(["resources", "https://api.example"]).includes("open"));
  assert.ok(keysAt(["scopes", "groups"]).includes("claims"));
  assert.deepEqual(keysAt(["port"]), []);
  assert.deepEqual(keysAt(["nowhere", "at all"]), []);
});
