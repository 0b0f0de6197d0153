import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { selectAudience } from "./audience.ts";
import { OAuthError } from "./errors.ts";
import { permissionOf, permissionsAsked } from "./permission.ts";
import type { Catalogue } from "./resource_indicator.ts";

const ISSUER = "https://as.test";
const SNAPS = "https://snaps.test/api";
const PRINTS = "https://prints.test/api";
const x = { text: "x", claims: [] };
const resource = { name: "x", access_token_signing_alg: "ES256" as const, open: false };
const catalogue: Catalogue = {
  issuer: ISSUER,
  scopes: { "photos.read": x, "photos.write": x, "prints.order": x, shared: x, notes: x },
  resources: {
    [SNAPS]: {
      ...resource,
      scopes: ["photos.read", "photos.write", "shared"],
      access_token: "jwt",
    },
    [PRINTS]: { ...resource, scopes: ["prints.order", "shared"], access_token: "opaque" },
  },
};

const granted = (scope: readonly string[], resources: readonly string[] = []) =>
  permissionsAsked(scope, resources, catalogue);
const BOTH = granted(["openid", "photos.read", "prints.order", "shared"], [SNAPS, PRINTS]);

test("`resource` selects the only audience and reduces the scope to it", () => {
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

test("without `resource` the only API is the audience, with the issuer if openid was granted", () => {
  assert.deepEqual(selectAudience(granted(["photos.read", "notes"]), [], catalogue), {
    aud: [SNAPS],
    scope: ["photos.read"],
    format: "jwt",
  });
  assert.deepEqual(selectAudience(granted(["prints.order", "openid", "email"]), [], catalogue), {
    aud: [PRINTS, ISSUER],
    scope: ["prints.order", "openid", "email"],
    format: "opaque",
  });
  assert.deepEqual(selectAudience(granted(["openid", "notes"]), [], catalogue), {
    aud: [ISSUER],
    scope: ["openid", "notes"],
    format: "jwt",
  });
  assert.deepEqual(selectAudience([SNAPS], [], catalogue), {
    aud: [SNAPS],
    scope: [],
    format: "jwt",
  });
});

test("of several APIs the audience is the first remaining one in grant order", () => {
  for (const [permissions, aud, scope] of [
    [BOTH, [SNAPS, ISSUER], ["openid", "photos.read", "shared"]],
    [granted(["prints.order", "photos.read"]), [PRINTS], ["prints.order"]],
    [["https://gone.test read", `${PRINTS} shared`], [PRINTS], ["shared"]],
  ] as const) {
    const audience = selectAudience(permissions, [], catalogue);
    assert.deepEqual([audience.aud, audience.scope], [aud, scope]);
  }
});

test("several resources, or an ungranted one, are invalid_target", () => {
  for (const [permissions, asked] of [
    [BOTH, [SNAPS, PRINTS]],
    [BOTH, [SNAPS, ISSUER]],
    [granted(["photos.read"]), [PRINTS]],
    [granted(["openid"]), [SNAPS]],
    [granted(["photos.read"]), [ISSUER]],
    [granted(["photos.read"]), ["https://unknown.test"]],
    [granted(["photos.read"]), ["__proto__"]],
    [granted(["photos.read"]), [""]],
    // An API that the server no longer has is no audience.
    [["https://gone.test read"], []],
    [["https://gone.test read"], ["https://gone.test"]],
  ] as const)
    assert.throws(() => selectAudience(permissions, asked, catalogue), { error: "invalid_target" });
});

test("a token never exceeds the grant in scope or audience", () => {
  const scopes = fc.subarray(["openid", "email", "notes", "photos.read", "prints.order", "shared"]);
  const uris = fc.subarray([SNAPS, PRINTS]);
  const asked = fc.subarray([SNAPS, PRINTS, ISSUER, "https://unknown.test"]);
  fc.assert(
    fc.property(scopes, uris, asked, (scope, resources, wanted) => {
      const permissions = granted(scope, resources);
      try {
        const audience = selectAudience(permissions, wanted, catalogue);
        for (const name of audience.scope)
          assert.ok(audience.aud.some((uri) => permissions.includes(permissionOf(uri, name))));
        const apis = audience.aud.filter((uri) => uri !== ISSUER);
        assert.ok(apis.length <= 1);
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
