/** test/snippets.test.ts runs the programs. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { AppKind } from "../pages/account/connection.ts";
import { snippetFor } from "./snippets.ts";

const snippet = (kind: AppKind, redirect_uri: string, issuer = "https://id.test") =>
  snippetFor({ kind, issuer, client_id: "abc", redirect_uri });

test("a redirect URI can't leave its text in the program", () => {
  for (const uri of ['https://a.test/"+alert(1)+"', "https://a.test/\\", "http://127.0.0.1/\n;"])
    for (const kind of ["browser", "native"] as const) {
      const program = snippet(kind, uri);
      if (program !== null) assert.ok(program.includes(`${JSON.stringify(uri)}`), program);
    }
});

test("an installed app with a scheme or site of its own has no program", () => {
  for (const uri of ["com.example.app:/cb", "https://app.test/cb", "http://127.0.0.1.evil.test/cb"])
    assert.equal(snippet("native", uri), null, uri);
  for (const uri of ["http://127.0.0.1/cb", "http://localhost:8080/cb", "http://127.0.0.1:1/"])
    assert.ok(snippet("native", uri), uri);
});

test("a server without TLS is allowed only where the issuer has none", () => {
  for (const [kind, uri] of [
    ["web", "https://a.test/cb"],
    ["browser", "https://a.test/cb"],
    ["native", "http://127.0.0.1/cb"],
  ] as const) {
    assert.match(snippet(kind, uri, "http://localhost:4000") ?? "", /allowInsecureRequests/);
    assert.doesNotMatch(snippet(kind, uri) ?? "", /allowInsecureRequests/);
  }
});
