import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, mock, test } from "node:test";
import { readSettings } from "./settings.ts";

const folder = mkdtempSync(join(tmpdir(), "valetkey-settings-"));
after(() => rmSync(folder, { recursive: true }));
const file = join(folder, "config.json");
writeFileSync(
  file,
  JSON.stringify({ issuer: "https://file.example", port: 1, host: "::1", database: "sqlite:f" }),
);
const SECRET = Buffer.alloc(32, 1).toString("base64url");
const OTHER = Buffer.alloc(32, 2).toString("base64url");
const LEAKED = Buffer.alloc(32, 3).toString("base64url");
const ENV = {
  VALETKEY_ISSUER: "https://env.example",
  VALETKEY_PORT: "2",
  VALETKEY_TRUST_PROXY: "10.0.0.0/8, ::1",
};

/** The text written to stderr while `work` runs. */
async function heard(work: () => Promise<unknown>): Promise<string> {
  const write = mock.method(process.stderr, "write", () => true);
  try {
    await work();
    return write.mock.calls.map(({ arguments: [text] }) => String(text)).join("");
  } finally {
    write.mock.restore();
  }
}

describe("settings", () => {
  test("flags take precedence over variables, variables over the file, the file over defaults", async () => {
    const { full, config_file } = await readSettings({ config: file, port: 3 }, ENV);
    assert.equal(full.port, 3);
    assert.equal(full.issuer, "https://env.example");
    assert.deepEqual(full.trust_proxy, ["10.0.0.0/8", "::1"]);
    assert.equal(full.host, "::1");
    assert.equal(full.limits.body, 65_536);
    assert.equal(config_file, file);
  });

  test("fetching from loopback requires the flag or the setting", async () => {
    const allowing = join(folder, "allowing.json");
    writeFileSync(allowing, '{"allow_private_fetch":true}');
    for (const [flags, expected] of [
      [{}, false],
      [{ allowPrivateFetch: true }, true],
      [{ config: allowing }, true],
    ] as const)
      assert.equal((await readSettings(flags, {})).full.allow_private_fetch, expected);
  });

  test("variables set workers, metrics, certificate and key, as containers need", async () => {
    const env = {
      VALETKEY_WORKERS: "4",
      VALETKEY_METRICS: "0.0.0.0:9464",
      VALETKEY_TLS_CERT: "cert.pem",
      VALETKEY_TLS_KEY: "key.pem",
    };
    const { full } = await readSettings({ metrics: "127.0.0.1:1" }, env);
    assert.equal(full.workers, 4);
    assert.equal(full.metrics, "127.0.0.1:1");
    assert.deepEqual(full.tls, { cert: "cert.pem", key: "key.pem" });
    assert.equal((await readSettings({}, { VALETKEY_WORKERS: "auto" })).full.workers, "auto");
    const half = readSettings({}, { VALETKEY_TLS_CERT: "cert.pem" });
    await assert.rejects(half, /VALETKEY_TLS_CERT and VALETKEY_TLS_KEY belong together/);
    for (const wrong of ["0", "65", "two", "1.5", "-1"])
      await assert.rejects(readSettings({}, { VALETKEY_WORKERS: wrong }), /workers/i, wrong);
  });

  test("a variable names the configuration file; an empty variable counts as unset", async () => {
    const env = { VALETKEY_CONFIG: file, VALETKEY_ISSUER: "", VALETKEY_DATABASE: "sqlite:e" };
    const { full } = await readSettings({}, env);
    assert.equal(full.issuer, "https://file.example");
    assert.equal(full.database, "sqlite:e");
    assert.equal((await readSettings({}, {})).full.issuer, "http://localhost:4000");
  });

  test("each mistake is reported with its place, several at once", async () => {
    const wrong = join(folder, "wrong.json");
    writeFileSync(wrong, '{ "lifetimes": { "acess_token": 1 } }');
    const colour = join(folder, "colour.json");
    writeFileSync(colour, '{ "theme": { "accent": "teal" } }');
    const two = join(folder, "two.json");
    writeFileSync(two, '{ "port": "x", "lifetimes": { "session": 0, "pushed_request": 60 } }');
    const three = join(folder, "three.json");
    const resources = { api: { name: "API", scopes: ["read"] } };
    writeFileSync(three, JSON.stringify({ issuer: "id", trust_proxy: ["me"], resources }));
    const refused: [object, Record<string, string>, RegExp][] = [
      [
        { config: two },
        {},
        /two\.json: port: .*; .*lifetimes\.session: .*; unknown.*pushed_request$/,
      ],
      [{ config: three }, {}, /issuer: is not.*; resources: api.*; .*read is.*; trust_proxy: me/],
      [{ config: colour }, {}, /colour\.json: theme\.accent: must be a colour like #00694b$/],
      [
        { config: wrong },
        {},
        /wrong\.json: unknown configuration key: lifetimes\.acess_token \(did you mean access_token\?\)$/,
      ],
      [{}, { VALETKEY_PORT: "70000" }, /^VALETKEY_PORT: 70000 is not a port$/],
      [{}, { VALETKEY_TRUST_PROXY: "nobody" }, /trust_proxy: nobody is neither/],
      [{ issuer: "http://id.example" }, {}, /^issuer: must be https/],
      [{}, { VALETKEY_SECRET: "short" }, /^VALETKEY_SECRET is not 32 random bytes/],
      [{}, { VALETKEY_SECRET_PREVIOUS: `${OTHER} x` }, /^VALETKEY_SECRET_PREVIOUS is not 32/],
      [{ secretFile: join(folder, "nowhere") }, {}, /^cannot read the secret file .*ENOENT/],
    ];
    for (const [flags, env, message] of refused)
      await assert.rejects(readSettings(flags, env), { message });
  });

  test("people 13: a wrong type hides no other mistake, and unknown keys come with the one that was meant", async () => {
    const all = join(folder, "all.json");
    const resources = {
      "https://api.example": { name: "API", scopes: ["photos.raed"], opne: true },
    };
    const written = {
      isuer: "https://id.example",
      port: "x",
      issuer: "ftp://id.example",
      database: "mysql:x",
      your_apps: "admin",
      texts: { en: { alow: "Yes" } },
      scopes: { "photos.read": { txt: "See photos" }, openid: "Sign in", "admin.x": "x" },
      trust_proxy: ["me", "10.0.0.0/8", "you"],
      theme: { acent: "#17595c" },
      metrics: "here",
      unheard_of: 1,
    };
    writeFileSync(all, JSON.stringify(written));
    const said = await readSettings({ config: all }, {}).catch(({ message }) => message);
    for (const part of [
      "unknown configuration key: isuer (did you mean issuer?), unheard_of",
      "port: ",
      "unknown configuration key: theme.acent (did you mean accent?)",
      "trust_proxy: me is",
      "trust_proxy: you is",
      "metrics: here is",
      "scopes.openid: is defined by OpenID Connect",
      "scopes.admin.x: admin.* belongs",
      "scopes.photos.read: must be a text",
      "issuer: must be https",
      "database: mysql:x is not understood",
      'your_apps: invalid option: expected one of "admins"|"everyone" (did you mean admins?)',
      "texts.en.alow: no such message (did you mean allow?)",
    ])
      assert.equal(said.split(part).length, 2, `${part} in ${said}`);
    writeFileSync(all, JSON.stringify({ ...written, port: 4000, resources }));
    const more = await readSettings({ config: all }, {}).catch(({ message }) => message);
    assert.match(more, /resources\.https:\/\/api\.example\.opne \(did you mean open\?\)/);
    // Consequential errors of a wrong key are not reported: this API's scopes can't be checked.
    assert.doesNotMatch(more, /is not described/);
    assert.match(more, /scopes\.openid: is defined/);
    const { opne: _, ...api } = resources["https://api.example"];
    const listed = { scopes: written.scopes, resources: { "https://api.example": api } };
    writeFileSync(all, JSON.stringify(listed));
    const last = await readSettings({ config: all }, {}).catch(({ message }) => message);
    assert.match(last, /photos\.raed is not described \(did you mean photos\.read\?\)/);
  });

  test("people 6: a wrong sign_in_help is refused, and says what is wanted", async () => {
    const help = join(folder, "help.json");
    for (const [sign_in_help, message] of [
      [{}, /sign_in_help: must have a text, an href or both$/],
      [{ text: 7 }, /sign_in_help\.text: must be a text, or \{ en: "…", de: "…" \}$/],
      [{ text: "" }, /sign_in_help\.text: too small/],
      [{ text: "x".repeat(301) }, /sign_in_help\.text: too big.*<=300/],
      [{ text: { de: "x".repeat(301) } }, /sign_in_help\.text\.de: too big.*<=300/],
      [{ text: {} }, /sign_in_help\.text: names no language$/],
      [{ text: { en: "Ask Ben.", fr: "?" } }, /sign_in_help\.text: fr is not a language/],
      [{ text: { constructor: "?" } }, /sign_in_help\.text: constructor is not a language/],
      [{ href: "javascript:alert(1)" }, /sign_in_help\.href: must be mailto:ADDRESS or an https/],
      [{ href: "http://help.example" }, /sign_in_help\.href: must be mailto:ADDRESS or an https/],
      [{ href: "mailto:" }, /sign_in_help\.href: must be mailto:ADDRESS or an https/],
      [{ href: "mailto:a@b.example?bcc=c@d.example" }, /sign_in_help\.href: must be/],
      [{ href: `https://${"x".repeat(500)}.example` }, /sign_in_help\.href: /],
      [{ txt: "Ask Ben." }, /sign_in_help\.txt \(did you mean text\?\)/],
    ] as const) {
      writeFileSync(help, JSON.stringify({ sign_in_help }));
      await assert.rejects(readSettings({ config: help }, {}), { message });
    }
    for (const sign_in_help of [
      { text: "x".repeat(300) },
      { href: "mailto:help@example.com" },
      { text: { de: "Fragen Sie Ben." }, href: "https://help.example/in?a=1#b" },
    ]) {
      writeFileSync(help, JSON.stringify({ sign_in_help }));
      const { full } = await readSettings({ config: help }, {});
      assert.deepEqual(full.sign_in_help, sign_in_help);
    }
  });

  test("a link in the foot leads to https or to this server; any other is refused", async () => {
    const file = join(folder, "links.json");
    const wanted = "must be an https address, or a path on this server such as /terms";
    for (const [links, message] of [
      [{ terms: "javascript:alert(1)" }, `links.terms: ${wanted}`],
      [{ terms: { de: "JavaScript:alert(1)" } }, `links.terms.de: ${wanted}`],
      [{ help: "mailto:help@example.com" }, `links.help: ${wanted}`],
      [{ help: "data:text/html,x" }, `links.help: ${wanted}`],
      [{ help: "http://example.com" }, `links.help: ${wanted}`],
      [{ help: "terms" }, `links.help: ${wanted}`],
      [{ help: "//evil.example/" }, `links.help: ${wanted}`],
      [{ help: "/\\evil.example/" }, `links.help: ${wanted}`],
      [{ help: "/\t/evil.example/" }, `links.help: ${wanted}`],
      [{ help: 7 }, 'links.help: must be an address, or { en: "…", de: "…" }'],
      [{ help: {} }, "links.help: names no language"],
      [{ help: { fr: "/aide" } }, "links.help: fr is not a language of the pages"],
      [
        { help: "/a", terms: "b", privacy: "c" },
        `links.privacy: ${wanted}; links.terms: ${wanted}`,
      ],
      [{ helf: "/help" }, "unknown configuration key: links.helf (did you mean help?)"],
    ] as const) {
      writeFileSync(file, JSON.stringify({ links }));
      await assert.rejects(readSettings({ config: file }, {}), { message: `${file}: ${message}` });
    }
    for (const links of [
      { help: "/help", privacy: "/id/privacy?a=1#b", terms: "https://example.com/terms" },
      { imprint: { de: "http://localhost:8080/impressum", en: "http://[::1]/" } },
      {},
    ]) {
      writeFileSync(file, JSON.stringify({ links }));
      assert.deepEqual((await readSettings({ config: file }, {})).full.links, links);
    }
  });

  test("people 13: file, variables and flags are judged together", async () => {
    const wrong = join(folder, "one_of_four.json");
    writeFileSync(wrong, '{ "isuer": "https://id.example" }');
    const env = { VALETKEY_PORT: "x", VALETKEY_WORKERS: "two", VALETKEY_TLS_CERT: "cert.pem" };
    await assert.rejects(readSettings({ config: wrong, host: "192.0.2.1" }, env), {
      message: [
        `${wrong}: unknown configuration key: isuer (did you mean issuer?)`,
        "VALETKEY_PORT: x is not a port",
        "VALETKEY_WORKERS: two is not a number of processes",
        "VALETKEY_TLS_CERT and VALETKEY_TLS_KEY belong together",
      ].join("; "),
    });
  });

  test("the default issuer is the address that the server listens on", async () => {
    const issuers: [object, string][] = [
      [{}, "http://localhost:4000"],
      [{ port: 80 }, "http://localhost"],
      [{ host: "127.0.0.1", port: 81 }, "http://localhost:81"],
      [{ host: "::1" }, "http://localhost:4000"],
      [{ host: "0.0.0.0" }, "http://localhost:4000"],
      [{ host: "::" }, "http://localhost:4000"],
      [{ host: "127.0.0.2" }, "http://127.0.0.2:4000"],
    ];
    for (const [flags, issuer] of issuers)
      assert.equal((await readSettings(flags, {})).full.issuer, issuer);
    await assert.rejects(readSettings({ host: "192.0.2.1" }, {}), { message: /must be https/ });
  });

  test("an unknown VALETKEY_ variable causes a warning", async () => {
    const text = await heard(() => readSettings({}, { VALETKEY_ISUER: "https://id.example" }));
    assert.equal(
      text,
      "warning: VALETKEY_ISUER is not a variable that valetkey knows: did you mean VALETKEY_ISSUER?\n",
    );
  });

  test("variables of a Kubernetes Service with our name are nobody's settings, and cause no warning", async () => {
    const link = "tcp://10.0.0.5:4000";
    const env = {
      ...{ VALETKEY_PORT: link, VALETKEY_SERVICE_HOST: "10.0.0.5", VALETKEY_SERVICE_PORT: "4000" },
      ...{ VALETKEY_SERVICE_PORT_HTTP: "4000", VALETKEY_PORT_4000_TCP: link },
      ...{ VALETKEY_PORT_4000_TCP_PROTO: "tcp", VALETKEY_PORT_4000_TCP_PORT: "4000" },
      ...{ VALETKEY_PORT_4000_TCP_ADDR: "10.0.0.5", VALETKEY_METRICS_SERVICE_HOST: "10.0.0.6" },
      ...{ VALETKEY_METRICS_PORT: "tcp://10.0.0.6:9464", VALETKEY_METRICS_PORT_9464_TCP: link },
    };
    const text = await heard(async () => {
      assert.equal((await readSettings({}, env)).full.port, 4000);
    });
    assert.equal(text, "");
    assert.match(await heard(() => readSettings({}, { VALETKEY_PORTS: "1" })), /VALETKEY_PORTS/);
  });

  test("a wrong variable is not in the way of the flag that wins", async () => {
    const env = { VALETKEY_PORT: "x", VALETKEY_WORKERS: "two" };
    const { full } = await readSettings({ port: 4301, workers: 2 }, env);
    assert.deepEqual([full.port, full.workers], [4301, 2]);
    await assert.rejects(readSettings({ port: 4301 }, env), /VALETKEY_WORKERS/);
  });

  test("a secret file takes precedence over the variable; a readable one causes a warning", async () => {
    const secret_file = join(folder, "secret");
    writeFileSync(secret_file, `${SECRET}\n`, { mode: 0o600 });
    const env = {
      ...{ VALETKEY_SECRET: OTHER, VALETKEY_SECRET_PREVIOUS: OTHER },
      VALETKEY_SECRET_LEAKED: `${LEAKED}, ${OTHER}`,
    };
    let found = await readSettings({ secretFile: secret_file }, env);
    assert.deepEqual(found.secrets, {
      ...{ secret: SECRET, previous_secrets: [OTHER] },
      leaked_secrets: [LEAKED, OTHER],
    });
    chmodSync(secret_file, 0o644);
    const text = await heard(async () => {
      found = await readSettings({ secretFile: secret_file }, env);
    });
    assert.match(text, /^warning: other users of this computer can read .*chmod 600/);
    assert.doesNotMatch(text, new RegExp(SECRET));
  });
});
