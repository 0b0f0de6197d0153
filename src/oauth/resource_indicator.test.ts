import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { OAuthError } from "./errors.ts";
import {
  type Catalogue,
  checkResources,
  findResource,
  knowsScope,
  resourcesOf,
  scopeWithin,
  selectAudience,
} from "./resource_indicator.ts";

const ISSUER = "https://as.test";
const SNAPS = "https://snaps.test/api";
const PRINTS = "https://prints.test/api";
const resource = { name: "x", open: false };
const catalogue: Catalogue = {
  issuer: ISSUER,
  scopes: { "photos.read": "x", "photos.write": "x", "prints.order": "x", shared: "x", notes: "x" },
  resources: {
    [SNAPS]: {
      ...resource,
      scopes: ["photos.read", "photos.write", "shared"],
      access_token: "jwt",
    },
    [PRINTS]: { ...resource, scopes: ["prints.order", "shared"], access_token: "opaque" },
  },
};

test("the resources asked for must be known, each once; the issuer stands for itself", () => {
  assert.deepEqual(checkResources([], catalogue), []);
  assert.deepEqual(checkResources([SNAPS], catalogue), [SNAPS]);
  assert.deepEqual(checkResources([SNAPS, PRINTS, SNAPS], catalogue), [SNAPS, PRINTS]);
  assert.deepEqual(checkResources([ISSUER, SNAPS], catalogue), [ISSUER, SNAPS]);
  for (const uri of [
    "https://unknown.test/api",
    `${SNAPS}/`,
    `${SNAPS}?x=1`,
    `${SNAPS}#x`,
    `${SNAPS}#`,
    SNAPS.toUpperCase(),
    `${ISSUER}//`,
    "snaps",
    "/api",
    "",
    "__proto__",
    "constructor",
    "urn:constructor",
    `https://${"x".repeat(10_000)}`,
  ]) {
    assert.throws(() => checkResources([uri], catalogue), { error: "invalid_target" }, uri);
    assert.throws(() => checkResources([SNAPS, uri], catalogue), { error: "invalid_target" }, uri);
  }
});

test("at the root of an origin the slash is optional, and the configured spelling counts", () => {
  const root = {
    issuer: ISSUER,
    scopes: { "a.read": "See a" },
    resources: {
      "https://mcp.test": { name: "A", scopes: ["a.read"], access_token: "jwt", open: false },
    },
  } as const;
  assert.deepEqual(checkResources(["https://mcp.test/"], root), ["https://mcp.test"]);
  assert.deepEqual(checkResources([`${ISSUER}/`], root), [ISSUER]);
  const granted = { scope: ["a.read"], resources: ["https://mcp.test"] };
  assert.deepEqual(selectAudience(granted, ["https://mcp.test/"], root).aud, ["https://mcp.test"]);
});

test("names are looked for among what was written down, not in what objects are made of", () => {
  for (const name of ["constructor", "__proto__", "toString", "hasOwnProperty"]) {
    assert.equal(findResource(catalogue, name), undefined);
    assert.equal(knowsScope(catalogue, name), false);
  }
  assert.equal(knowsScope(catalogue, "openid"), true);
  assert.equal(knowsScope(catalogue, "photos.read"), true);
});

test("a grant's resources are those asked for, else those whose scopes it has", () => {
  for (const [asked, scope, expected] of [
    [[SNAPS], ["openid"], [SNAPS]],
    [[SNAPS, PRINTS], ["photos.read"], [SNAPS, PRINTS]],
    [[ISSUER, SNAPS], ["photos.read"], [SNAPS]],
    [[ISSUER], ["photos.read"], []],
    [[], ["photos.read"], [SNAPS]],
    [[], ["openid", "prints.order"], [PRINTS]],
    [[], ["photos.read", "prints.order"], [SNAPS, PRINTS]],
    [[], ["shared"], [SNAPS, PRINTS]],
    [[], ["openid", "notes"], []],
    [[], [], []],
  ] as const)
    assert.deepEqual(resourcesOf(asked, scope, catalogue), expected);
});

test("a scope that no resource lists belongs to the issuer; others need one of theirs", () => {
  const all = ["openid", "notes", "photos.read", "prints.order", "shared"];
  for (const [resources, expected] of [
    [[], ["openid", "notes"]],
    [[SNAPS], ["openid", "notes", "photos.read", "shared"]],
    [[PRINTS], ["openid", "notes", "prints.order", "shared"]],
    [[SNAPS, PRINTS], all],
    [["https://gone.test"], ["openid", "notes"]],
  ] as const)
    assert.deepEqual(scopeWithin(all, resources, catalogue), expected);
});

/** Each sentence of the contract, “Tokens: Audience”. */
const granted = (scope: readonly string[], resources: readonly string[]) => ({ scope, resources });
const BOTH = granted(["openid", "photos.read", "prints.order", "shared"], [SNAPS, PRINTS]);

test("`resource` picks the one audience, and the scope is cut to it", () => {
  assert.deepEqual(selectAudience(BOTH, [SNAPS], catalogue), {
    aud: [SNAPS],
    scope: ["photos.read", "shared"],
    format: "jwt",
  });
  assert.deepEqual(selectAudience(BOTH, [PRINTS, PRINTS], catalogue), {
    aud: [PRINTS],
    scope: ["prints.order", "shared"],
    format: "opaque",
  });
  assert.deepEqual(selectAudience(BOTH, [ISSUER], catalogue), {
    aud: [ISSUER],
    scope: ["openid"],
    format: "jwt",
  });
});

test("without `resource` it is the only one, and the issuer too when openid was granted", () => {
  const alone = granted(["photos.read", "notes"], [SNAPS]);
  assert.deepEqual(selectAudience(alone, [], catalogue), {
    aud: [SNAPS],
    scope: ["photos.read"],
    format: "jwt",
  });
  const signedIn = granted(["prints.order", "openid", "email"], [PRINTS]);
  assert.deepEqual(selectAudience(signedIn, [], catalogue), {
    aud: [PRINTS, ISSUER],
    scope: ["prints.order", "openid", "email"],
    format: "opaque",
  });
  assert.deepEqual(selectAudience(granted(["openid", "notes"], []), [], catalogue), {
    aud: [ISSUER],
    scope: ["openid", "notes"],
    format: "jwt",
  });
});

test("with several, or one that was not granted, the answer is invalid_target", () => {
  for (const [grant, asked] of [
    [BOTH, []],
    [BOTH, [SNAPS, PRINTS]],
    [BOTH, [SNAPS, ISSUER]],
    [granted(["photos.read"], [SNAPS]), [PRINTS]],
    [granted(["openid"], []), [SNAPS]],
    [granted(["photos.read"], [SNAPS]), [ISSUER]],
    [granted(["photos.read"], [SNAPS]), ["https://unknown.test"]],
    [granted(["photos.read"], [SNAPS]), ["__proto__"]],
    [granted(["photos.read"], [SNAPS]), [""]],
    // An API that the server no longer has is nobody's audience.
    [granted(["photos.read"], ["https://gone.test"]), []],
    [granted(["photos.read"], ["https://gone.test"]), ["https://gone.test"]],
  ] as const)
    assert.throws(() => selectAudience(grant, asked, catalogue), { error: "invalid_target" });
});

test("never more than was granted: neither scope nor audience, whatever is asked", () => {
  const scopes = fc.subarray(["openid", "email", "notes", "photos.read", "prints.order", "shared"]);
  const uris = fc.subarray([SNAPS, PRINTS]);
  const asked = fc.subarray([SNAPS, PRINTS, ISSUER, "https://unknown.test"]);
  fc.assert(
    fc.property(scopes, uris, asked, (scope, resources, wanted) => {
      try {
        const audience = selectAudience({ scope, resources }, wanted, catalogue);
        assert.ok(audience.scope.every((name) => scope.includes(name)));
        assert.ok(audience.aud.every((uri) => uri === ISSUER || resources.includes(uri)));
        const apis = audience.aud.filter((uri) => uri !== ISSUER);
        assert.ok(apis.length <= 1);
        assert.deepEqual(scopeWithin(audience.scope, apis, catalogue), audience.scope);
        if (wanted.length > 0) assert.deepEqual(audience.aud, wanted);
        // Userinfo takes tokens with the issuer in their audience and openid in their scope.
        if (apis.length === 1 && audience.aud.length === 2) assert.ok(scope.includes("openid"));
      } catch (error) {
        assert.ok(error instanceof OAuthError && error.error === "invalid_target");
      }
    }),
    { numRuns: 2000 },
  );
});
