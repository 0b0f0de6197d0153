import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { parseEnv } from "node:util";
import { exportJWK, generateKeyPair } from "jose";
import { assertRefused, PASSWORD, workplace } from "./cli.ts";

const place = workplace();
let sub = "";
before(async () => {
  const add = ["user", "add", "--username", "ada", "--password-stdin"];
  sub = (await place.json(add, { input: PASSWORD })).sub;
});
after(() => place.remove());

test("client add --file answers with the registration response of RFC 7591", async () => {
  place.write(
    "metadata.json",
    JSON.stringify({
      client_name: "Printly",
      redirect_uris: ["https://printly.example/callback"],
      grant_types: ["authorization_code", "refresh_token"],
      token_endpoint_auth_method: "client_secret_post",
      post_logout_redirect_uris: ["https://printly.example/"],
      scope: "openid photos.read",
      favourite_colour: "green",
    }),
  );
  const { code, stdout, stderr } = await place.run([
    "client",
    "add",
    "--file",
    "metadata.json",
    "--json",
    "--client-id",
    "printly",
  ]);
  assert.equal(code, 0, stderr);
  const { client_id_issued_at, client_secret, ...rest } = JSON.parse(stdout);
  assert.ok(Math.abs(client_id_issued_at - Date.now() / 1000) < 60);
  assert.match(client_secret, /^vks_[\w-]{43}$/);
  assert.deepEqual(rest, {
    client_id: "printly",
    client_secret_expires_at: 0,
    issuer: "http://localhost:4000",
    discovery: "http://localhost:4000/.well-known/openid-configuration",
    redirect_uris: ["https://printly.example/callback"],
    token_endpoint_auth_method: "client_secret_post",
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    application_type: "web",
    id_token_signed_response_alg: "RS256",
    client_name: "Printly",
    post_logout_redirect_uris: ["https://printly.example/"],
    scope: "openid photos.read",
  });
  assert.match(stderr, /not kept, since valetkey does not know it: favourite_colour/);
  assert.ok(!stderr.includes(client_secret));
});

test("people 13: client add tells every mistake at once, with the given values and the likely names", async () => {
  const input = JSON.stringify({ redirect_uri: "https://a.example/cb", client_nam: "A" });
  const { code, stderr } = await place.run(
    ["client", "add", "--file", "-", "--client-id", "a b", "--grant-type", "implicit"].concat(
      ["--redirect-uri", "ftp://x.example", "--redirect-uri", "https://a.example/#x"],
      ["--resource", "nonsense", "--no-require-pkce", "--auth-method", "none"],
    ),
    { input },
  );
  assert.equal(code, 1);
  for (const told of [
    /redirect_uri \(did you mean redirect_uris\?\), client_nam \(did you mean client_name\?\)/,
    /client_id can't be an id[^;]*: a b;/,
    /grant_types may hold/,
    /never allowed: ftp:\/\/x\.example;/,
    /must not have a fragment: https:\/\/a\.example\/#x;/,
    /resource is not an absolute URL[^;]*: nonsense;/,
    /require_pkce stays on/,
  ])
    assert.match(stderr, told);
});

test("people 9: client add prints the issuer, the discovery address and a .env block", async () => {
  place.write("id.json", JSON.stringify({ issuer: "https://id.example.com/a" }));
  const uri = "https://a.example/it's/$HOME?x=(1)";
  const { stdout, stderr } = await place.run([
    "client",
    "add",
    "--redirect-uri",
    uri,
    "--config",
    "id.json",
  ]);
  const field = (name: string) => new RegExp(`^${name} +(\\S+)$`, "m").exec(stdout)?.[1];
  const discovery = "https://id.example.com/a/.well-known/openid-configuration";
  assert.deepEqual([field("issuer"), field("discovery")], ["https://id.example.com/a", discovery]);
  const [, env = ""] = stdout.split("\n\n");
  assert.deepEqual(
    { ...parseEnv(env) },
    {
      OIDC_ISSUER: "https://id.example.com/a",
      OIDC_CLIENT_ID: field("client_id"),
      OIDC_CLIENT_SECRET: field("client_secret"),
      OIDC_REDIRECT_URI: uri,
    },
  );
  assert.doesNotMatch(stderr, /default one/);
  const plain = await place.run(["client", "add", "--name", "Job"]);
  assert.match(plain.stderr, /is the default\. If your server has another address/);
  assert.doesNotMatch(plain.stdout, /REDIRECT/);
});

test("--file - reads stdin, and flags take precedence over the file", async () => {
  const input = JSON.stringify({ client_name: "A", redirect_uris: ["https://a.example/cb"] });
  const args = ["client", "add", "--file", "-", "--name", "B", "--auth-method", "none"];
  const client = await place.json(args, { input });
  assert.equal(client.client_name, "B");
  assert.deepEqual(client.grant_types, ["authorization_code"]);
  assert.equal(client.client_secret, undefined);
  assert.equal(client.client_secret_expires_at, undefined);
});

test("flags have fitting defaults for an app, a service, an API and a native app", async () => {
  const { publicKey } = await generateKeyPair("ES256", { extractable: true });
  place.write("jwks.json", JSON.stringify({ keys: [await exportJWK(publicKey)] }));
  const loopback = "http://127.0.0.1/callback";
  const [app, service, api, native, keyed] = await Promise.all([
    place.json(
      ["client", "add", "--redirect-uri", "https://a.example/1"].concat([
        "--redirect-uri",
        "https://a.example/2",
        "--site",
        "https://a.example",
      ]),
    ),
    place.json(["client", "add", "--name", "Job", "--scope", "photos.read"]),
    place.json(["client", "add", "--name", "Snaps", "--resource", "https://snaps.example/api"]),
    place.json([
      "client",
      "add",
      "--native",
      "--redirect-uri",
      loopback,
      "--id-token-alg",
      "ES256",
    ]),
    place.json(["client", "add", "--name", "Keyed", "--jwks", "jwks.json"]),
  ]);
  assert.deepEqual(app.grant_types, ["authorization_code", "refresh_token"]);
  assert.deepEqual(app.redirect_uris, ["https://a.example/1", "https://a.example/2"]);
  assert.equal(app.token_endpoint_auth_method, "client_secret_basic");
  assert.equal(app.client_uri, "https://a.example");
  assert.deepEqual(service.grant_types, ["client_credentials"]);
  assert.equal(service.scope, "photos.read");
  assert.deepEqual(api.grant_types, []);
  assert.equal(api.resource, "https://snaps.example/api");
  assert.ok(api.client_secret);
  assert.equal(native.application_type, "native");
  assert.equal(native.token_endpoint_auth_method, "none");
  assert.equal(native.id_token_signed_response_alg, "ES256");
  assert.equal(keyed.token_endpoint_auth_method, "private_key_jwt");
  assert.equal(keyed.client_secret, undefined);
});

test("device_code is short for its grant type", async () => {
  const args = ["client", "add", "--name", "TV", "--native", "--grant-type", "device_code"];
  const { client_id, grant_types } = await place.json(args);
  assert.deepEqual(grant_types, ["urn:ietf:params:oauth:grant-type:device_code"]);
  await place.run(["client", "remove", client_id]);
});

test("a client says whether claims are in its ID tokens, and takes it back", async () => {
  const redirect = ["--redirect-uri", "https://claims.example/cb"];
  const added = await place.json(["client", "add", ...redirect, "--id-token-claims", "none"]);
  assert.equal(added.id_token_claims, "none");
  const update = async (value: string) => {
    const args = ["client", "update", added.client_id, "--id-token-claims", value];
    return (await place.json(args)).id_token_claims;
  };
  assert.equal(await update("scope"), "scope");
  const { stdout } = await place.run(["client", "show", added.client_id]);
  assert.match(stdout, /^claims in ID tokens +scope$/m);
  assert.equal(await update(""), undefined);
  await place.run(["client", "remove", added.client_id]);
});

test("client add refuses invalid metadata and repeats the invalid value", async () => {
  const redirect = ["--redirect-uri", "https://a.example/cb"];
  const wrong: [string[], 1 | 2, RegExp][] = [
    [[], 2, /nothing to register/],
    [["--redirect-uri", "http://evil.example/cb"], 1, /must use https.*: http:\/\/evil\.example/],
    [["--redirect-uri", "https://*.example/cb"], 1, /wildcards are not/],
    [["--file", "nowhere.json"], 1, /cannot read nowhere\.json: ENOENT/],
    [["--name", "x", "--native"], 2, /needs a --redirect-uri/],
    [["--name", "x", "--client-id", "printly"], 1, /id printly is taken/],
    [["--name", "x", "--client-id", sub], 1, /is taken/],
    [["--name", "x", "--client-id", "a b"], 1, /can't be an id.*: a b/],
    [["--name", "x", "--grant-type", "password"], 1, /grant_types may hold/],
    [[...redirect, "--native", "--no-require-pkce"], 1, /can't do without PKCE/],
    [["--name", "x", "--resource", "api"], 1, /not an absolute URL/],
    [["--name", "x", "--resource", "https://a.example", "--native"], 1, /has to prove itself/],
    [[...redirect, "--auth-method", "tls"], 1, /token_endpoint_auth_method must be one of/],
    [[...redirect, "--id-token-claims", "all"], 1, /id_token_claims must be one of scope, none/],
  ];
  const before = await place.json(["client", "list"]);
  const results = await Promise.all(wrong.map(([args]) => place.run(["client", "add", ...args])));
  for (const [i, [, code, message]] of wrong.entries())
    assertRefused(results[i] ?? { code: null, stdout: "", stderr: "" }, code, message);
  assert.deepEqual(await place.json(["client", "list"]), before);
});

test("client add warns about risky or ineffective settings", async () => {
  place.write("config.json", '{ "scopes": { "photos.read": "See your photos" } }');
  const [short, loose] = await Promise.all([
    place.run([
      "client",
      "add",
      "--native",
      "--trusted",
      "--redirect-uri",
      "cursor://anysphere/cb",
    ]),
    place.run(
      ["client", "add", "--redirect-uri", "https://a.example/cb", "--no-require-pkce"].concat([
        "--scope",
        "photos.read photos.raed",
        "--client-id",
        "loose",
        "--config",
        "config.json",
      ]),
    ),
  ]);
  assert.match(short.stderr, /warning: any app on a device can take cursor:/);
  assert.match(short.stderr, /warning: trusted has no effect/);
  assert.match(loose.stderr, /warning: require_pkce is off/);
  assert.match(
    loose.stderr,
    /warning: scope: photos\.raed is not supported and left out; registered is photos\.read/,
  );
  const shown = await place.run(["client", "show", "loose"]);
  assert.match(shown.stdout, /^PKCE +not required$/m);
  assert.match(shown.stderr, /warning: require_pkce is off/);
});

test("client show prints everything but the secret", async () => {
  const client = await place.json(["client", "show", "printly"]);
  assert.equal(client.client_id, "printly");
  assert.equal(client.created_by, "operator");
  assert.deepEqual(Object.keys(client.secrets[0]), ["created_at", "expires_at"]);
  assert.equal(client.client_secret, undefined);
  const { stdout } = await place.run(["client", "show", "printly"]);
  assert.match(stdout, /^redirect URIs +https:\/\/printly\.example\/callback$/m);
  assertRefused(await place.run(["client", "show", "nobody"]), 1, /there is no client nobody/);
});

test("client show accepts a unique name, and lists the ids if several clients share it", async () => {
  assert.equal((await place.json(["client", "show", "Printly"])).client_id, "printly");
  for (const id of ["twin-1", "twin-2"])
    await place.json(["client", "add", "--client-id", id, "--name", "Twin"]);
  const several = await place.run(["client", "show", "Twin"]);
  assertRefused(several, 1, /several clients are called Twin/);
  assert.match(several.stderr, /twin-1, twin-2/);
  // A command that changes something requires the id.
  const refused = await place.run(["client", "remove", "Printly"]);
  assertRefused(refused, 1, /there is no client Printly/);
  assert.match(refused.stderr, /clients of this name: printly/);
});

test("people 12: client show knows names, suggests the likely one, and says of a service only what holds", async () => {
  await place.json(["client", "add", "--client-id", "night", "--name", "Nightly job"]);
  const shown = await place.run(["client", "show", "Nightly job"]);
  assert.match(shown.stdout, /^client_id +night$/m);
  assert.doesNotMatch(shown.stdout, /consent|PKCE/, "it asks nobody");
  for (const slip of ["nightly job", "Nigthly job"]) {
    const refused = await place.run(["client", "show", slip]);
    assertRefused(refused, 1, new RegExp(`no client ${slip}: did you mean Nightly job\\?`));
  }
  assertRefused(await place.run(["client", "disable", "nigth"]), 1, /did you mean night\?/);
  const logo = ["--logo", "https://a.example/x.png", "--policy", "https://a.example/privacy"];
  await place.json(
    ["client", "add", "--client-id", "shown", "--redirect-uri", "https://a.example/cb"].concat(
      logo,
    ),
  );
  const { stdout } = await place.run(["client", "show", "shown"]);
  assert.match(stdout, /^logo +https:\/\/a\.example\/x\.png \(not fetched yet/m);
  assert.match(stdout, /^privacy policy +https:\/\/a\.example\/privacy$/m);
  assert.match(stdout, /^consent +asked for$/m);
});

test("the JSON of client show, read by add --file, makes an equal client", async () => {
  const flags = ["--redirect-uri", "https://a.example/cb", "--no-require-pkce", "--trusted"];
  const may_ask = ["--may-ask", "https://snaps.example/api", "--may-ask", "https://b.example"];
  const api = ["--resource", "https://snaps.example/api", "--scope", "photos.read", ...may_ask];
  await place.json(["client", "add", "--client-id", "whole", ...flags, ...api]);
  const shown = await place.json(["client", "show", "whole"]);
  assert.deepEqual(shown.resources, ["https://snaps.example/api", "https://b.example"]);
  const input = JSON.stringify(shown);
  const back = await place.run(["client", "add", "--file", "-", "--client-id", "copy"], { input });
  assert.equal(back.code, 0, back.stderr);
  assert.doesNotMatch(back.stderr, /not kept/);
  const copy = await place.json(["client", "show", "copy"]);
  const own = { client_id: 0, client_id_issued_at: 0, secrets: 0 };
  assert.deepEqual({ ...copy, ...own }, { ...shown, ...own });
  // So does the JSON of client add; flags take precedence.
  const printed = await place.json(["client", "add", "--file", "-", "--require-pkce"], { input });
  assert.deepEqual([printed.require_pkce, printed.trusted], [undefined, true]);
  const again = await place.json(["client", "add", "--file", "-"], {
    input: JSON.stringify(printed),
  });
  assert.equal(again.trusted, true);
});

test("people 19: what add --json prints is read back by --file, without a warning", async () => {
  for (const flags of [
    ["--redirect-uri", "https://a.example/cb", "--no-require-pkce", "--trusted"],
    ["--native", "--redirect-uri", "http://127.0.0.1/cb"],
    ["--name", "Job", "--scope", "photos.read"],
    ["--name", "Snaps", "--resource", "https://snaps.example/api"],
  ]) {
    const printed = await place.json(["client", "add", ...flags]);
    const input = JSON.stringify(printed);
    const back = await place.run(["client", "add", "--json", "--file", "-"], { input });
    assert.doesNotMatch(back.stderr, /not kept|not supported/, flags.join(" "));
    const { client_id: _, client_secret: __, client_id_issued_at: ___, ...rest } = printed;
    const { client_id, client_secret, client_id_issued_at, ...copy } = JSON.parse(back.stdout);
    assert.deepEqual(copy, rest);
    assert.notEqual(client_id, printed.client_id);
  }
});

test("real-world 11 and 12: the metadata that clients have are registered, and the command says what was left out", async () => {
  const add = async (document: object) => {
    const input = JSON.stringify(document);
    const { code, stdout, stderr } = await place.run(["client", "add", "--json", "--file", "-"], {
      input,
    });
    assert.equal(code, 0, stderr);
    return { stderr, client: JSON.parse(stdout) };
  };
  const grant_types = ["authorization_code", "refresh_token"];
  const none = { token_endpoint_auth_method: "none" };
  const jwt_bearer = "urn:ietf:params:oauth:grant-type:jwt-bearer";
  const claude = await add({
    ...none,
    redirect_uris: ["https://claude.ai/api/mcp/auth_callback"],
    grant_types: [...grant_types, jwt_bearer],
    response_types: ["code"],
  });
  assert.deepEqual(claude.client.grant_types, grant_types);
  assert.ok(
    claude.stderr.includes(
      `grant_types: ${jwt_bearer} is not supported and left out; registered is authorization_code refresh_token`,
    ),
    claude.stderr,
  );
  const cursor = { redirect_uris: ["cursor://anysphere.cursor-mcp/oauth/callback"], grant_types };
  const { client, stderr } = await add({ ...none, ...cursor });
  assert.equal(client.application_type, "native");
  assert.doesNotMatch(stderr, /left out/);
  const code = await add({
    ...none,
    redirect_uris: ["https://vscode.dev/redirect", "http://127.0.0.1/"],
    application_type: "native",
    grant_types: [...grant_types, "urn:ietf:params:oauth:grant-type:device_code"],
  });
  assert.equal(code.client.grant_types.length, 3);
  for (const uri of [
    "https://app.example:443/cb",
    "https://app.example?x=1",
    "https://App.Example/cb",
  ])
    assert.deepEqual((await add({ redirect_uris: [uri] })).client.redirect_uris, [uri]);
  const unicode = await place.run([
    "client",
    "add",
    "--redirect-uri",
    "https://b\u00fccher.example/cb",
    "--site",
    "printly",
  ]);
  assertRefused(unicode, 1, /write it as https:\/\/xn--bcher-kva\.example\/cb/);
  assert.match(unicode.stderr, /client_uri must be an https address/, "and all that is wrong");
});

test("client update --file replaces the metadata and keeps other settings", async () => {
  const input = JSON.stringify({ redirect_uris: ["https://b.example/cb"], client_name: "B" });
  const changed = await place.json(["client", "update", "copy", "--file", "-"], { input });
  assert.deepEqual(
    [changed.client_name, changed.scope, changed.trusted, changed.require_pkce, changed.resource],
    ["B", undefined, true, false, "https://snaps.example/api"],
  );
});

test("credentials of an API require the API in the configuration, or the issuer", async () => {
  place.write("api.json", '{ "issuer": "https://as.example" }');
  const add = (url: string) =>
    place.run(["client", "add", "--name", "x", "--resource", url, "--config", "api.json"]);
  assertRefused(await add("https://other.example"), 1, /resource is not known to this server/);
  assert.equal((await add("https://as.example")).code, 0);
});

test("--may-ask requires resources of the configuration, and update replaces them", async () => {
  const api = { name: "Snaps", scopes: [] };
  const [snaps, prints] = ["https://snaps.example/api", "https://prints.example/api"];
  const configuration = {
    issuer: "https://as.example",
    resources: { [snaps]: api, [prints]: api },
  };
  place.write("apis.json", JSON.stringify(configuration));
  const add = (...urls: string[]) => [
    ...["client", "add", "--client-id", "backup", "--name", "Backup", "--config", "apis.json"],
    ...urls.flatMap((url) => ["--may-ask", url]),
  ];
  const wrong = await place.run(add(snaps, "https://other.example"));
  assertRefused(wrong, 1, /resources is not known to this server/);
  assert.deepEqual((await place.json(add(snaps, prints))).resources, [snaps, prints]);
  const update = ["client", "update", "backup", "--may-ask", prints];
  assert.deepEqual((await place.json(update)).resources, [prints]);
  const { stdout } = await place.run(["client", "show", "backup"]);
  assert.match(stdout, /may ask\s+https:\/\/prints\.example\/api\n/);
});

test("client revoke reports what it ended and what it left", async () => {
  const plain = await place.run(["client", "revoke", "printly"]);
  assert.equal(plain.code, 0, plain.stderr);
  assert.equal(plain.stdout, "");
  assert.match(plain.stderr, /all access of printly has ended/);
  assert.match(plain.stderr, /without asking, when they next sign in to it \(--forget/);
  const forgotten = await place.json(["client", "revoke", "printly", "--forget"]);
  assert.deepEqual(forgotten, { client_id: "printly", revoked: true, forgotten: true });
});

test("client update changes the given settings, and issues a secret if one becomes necessary", async () => {
  const changed = await place.json(["client", "update", "printly", "--name", "Printly 2"]);
  assert.equal(changed.client_name, "Printly 2");
  assert.equal(changed.scope, "openid photos.read", "stays");
  const open = await place.json(["client", "update", "printly", "--auth-method", "none"]);
  assert.deepEqual(open.secrets, []);
  const closed = await place.json(
    ["client", "update", "printly", "--auth-method"].concat(["client_secret_basic", "--trusted"]),
  );
  assert.match(closed.client_secret, /^vks_/);
  assert.equal(closed.trusted, true);
  assertRefused(await place.run(["client", "update", "printly"]), 2, /nothing to change/);
  const wrong = await place.run(["client", "update", "printly", "--redirect-uri", "javascript:x"]);
  assertRefused(wrong, 1, /never allowed/);
});

test("client update says what another subject type does to people", async () => {
  const add = ["client", "add", "--name", "P", "--redirect-uri", "https://p.example/callback"];
  const { client_id } = await place.json(add);
  const change = ["client", "update", client_id];
  const before = await place.run([...change, "--name", "Q"]);
  assert.doesNotMatch(before.stderr, /other subjects/);
  const { stderr } = await place.run([...change, "--pairwise"]);
  assert.match(stderr, /other subjects from now on, so all its grants and tokens have ended/);
});

test("client rotate-secret keeps the old secret for a day; with --now it ends at once", async () => {
  const first = await place.json(["client", "rotate-secret", "printly"]);
  assert.match(first.client_secret, /^vks_/);
  const overlap = first.old_secret_expires_at - Date.now() / 1000;
  assert.ok(Math.abs(overlap - 86_400) < 60);
  assert.equal((await place.json(["client", "show", "printly"])).secrets.length, 2);
  const second = await place.run(["client", "rotate-secret", "printly", "--now"]);
  assert.match(second.stdout, /^client_secret {2}vks_/m);
  assert.match(second.stderr, /The old secret works no more/);
  assert.equal((await place.json(["client", "show", "printly"])).secrets.length, 1);
  const [keyed] = (await place.json(["client", "list"])).filter(
    ({ client_name }: { client_name?: string }) => client_name === "Keyed",
  );
  const none = await place.run(["client", "rotate-secret", keyed.client_id]);
  assertRefused(none, 1, /has no secret: it authenticates by private_key_jwt/);
});

test("clients are listed, disabled, enabled and removed", async () => {
  assert.equal((await place.json(["client", "disable", "printly"])).disabled, true);
  const { stdout } = await place.run(["client", "list"]);
  assert.match(stdout.split("\n")[0] ?? "", /^CLIENT_ID +NAME +KIND/);
  assert.match(stdout, /^printly +Printly 2 +app +operator +disabled/m);
  assert.match(stdout, /Snaps +API/);
  assert.equal((await place.json(["client", "enable", "printly"])).disabled, false);
  const removed = { client_id: "printly", removed: true };
  assert.deepEqual(await place.json(["client", "remove", "printly"]), removed);
  assertRefused(await place.run(["client", "remove", "printly"]), 1, /there is no client printly/);
});
