/** A real server behind a proxy that makes one mistake at a time: doctor names that mistake and nothing else. */
import assert from "node:assert/strict";
import { chmodSync } from "node:fs";
import { resolve } from "node:path";
import { after, before, test } from "node:test";
import { freePort } from "../support/postgres.ts";
import { assertRefused, type Result, type Running, workplace } from "./cli.ts";
import { AUTHORITY, type Mistake, startProxy, type TestProxy } from "./doctor_proxy.ts";

interface Finding {
  check: string;
  status: "ok" | "warning" | "problem" | "left_out";
  saw: string;
  advice: string | null;
}

const place = workplace();
const env = { NODE_EXTRA_CA_CERTS: resolve(AUTHORITY) };
let proxy: TestProxy;
let server: Running;
/** This file examines the server more often than twenty times a minute. */
const config = () => ({
  ...{ port: 0, issuer: proxy.issuer, trust_proxy: ["127.0.0.1"] },
  rate_limits: { fetches: 0 },
});

/** The port that the server listens on, which its issuer does not show. */
function portOf({ said }: Running): number {
  const [line = ""] = said.stdout.split("\n");
  return Number(new URL(JSON.parse(line).address).port);
}

before(async () => {
  proxy = await startProxy();
  place.write("config.json", JSON.stringify(config()));
  const uri = ["--redirect-uri", "https://printly.example/callback?from=us"];
  await place.json(["client", "add", "--name", "Printly", ...uri, "--config", "config.json"]);
  server = await place.start(["--config", "config.json"]);
  proxy.leadTo(portOf(server));
});
after(async () => {
  await proxy.close();
  await place.remove();
});

async function examine(args: string[] = ["--config", "config.json"]) {
  const result = await place.run(["doctor", "--json", ...args], { env });
  assert.notEqual(result.stdout, "", result.stderr);
  const findings: Finding[] = JSON.parse(result.stdout);
  const wrong = findings.filter(({ status }) => status === "problem" || status === "warning");
  return { ...result, findings, wrong };
}

const statusOf = (findings: readonly Finding[], wanted: string) =>
  findings.find(({ check }) => check === wanted)?.status;
const leftOut = (findings: readonly Finding[]) =>
  findings.filter(({ status }) => status === "left_out").map(({ check }) => check);

test("a server behind a correct proxy has no findings", async () => {
  proxy.make({});
  const { code, stderr, findings, wrong } = await examine();
  assert.deepEqual(wrong, []);
  assert.equal(code, 0);
  assert.equal(stderr, "all is well\n");
  // The proxy runs on this computer, so this check is left out.
  assert.deepEqual(leftOut(findings), ["forged_address"]);
  assert.equal(findings.length, 27);
});

test("a server without a proxy has no findings, and every check runs", async () => {
  const other = workplace();
  try {
    const running = await other.start();
    const args = ["doctor", "--issuer", running.issuer];
    const findings: Finding[] = await other.json(args);
    assert.deepEqual(
      findings.filter(({ status }) => status !== "ok"),
      [],
    );
    const { code, stdout, stderr } = await other.run(args);
    assert.deepEqual([code, stderr], [0, "all is well\n"]);
    assert.match(stdout, /^ok {8}issuer {16}http:\/\/localhost:\d+$/m);
    const elsewhere = await other.run(["doctor", "--issuer", `${running.issuer}/`]);
    assert.match(elsewhere.stdout, /^warning {3}issuer .* was asked for, and it is http/m);
    assert.deepEqual([elsewhere.code, elsewhere.stderr], [0, "1 warning\n"]);
    await running.stop();
  } finally {
    await other.remove();
  }
});

test("a server where apps register themselves has one more check, and nothing is registered by it", async () => {
  const other = workplace();
  try {
    const registration = { mode: "open", allowed_redirect_hosts: ["*"], per_address_hour: 1 };
    other.write("config.json", JSON.stringify({ port: 0, registration }));
    const running = await other.start(["--config", "config.json"]);
    const args = ["doctor", "--config", "config.json", "--issuer", running.issuer ?? ""];
    for (let times = 0; times < 2; times += 1) {
      const { stdout } = await other.run([...args, "--json"]);
      const findings: Finding[] = JSON.parse(stdout);
      const found = findings.find(({ check }) => check === "registration");
      assert.equal(found?.status, "warning");
      assert.match(found?.saw ?? "", /any https redirect URI/);
      assert.equal(statusOf(findings, "registering_clients"), "ok");
    }
    assert.deepEqual(await other.json(["client", "list", "--config", "config.json"]), []);
    await running.stop();
  } finally {
    await other.remove();
  }
});

test("with --issuer alone, doctor says which checks it left out", async () => {
  proxy.make({});
  const { code, findings, wrong } = await examine([
    "--issuer",
    proxy.issuer,
    ...["--database", "sqlite::memory:"],
  ]);
  assert.deepEqual([code, wrong], [0, []]);
  assert.deepEqual(leftOut(findings), ["client_address", "forged_address", "database"]);
  assert.match(findings.at(-1)?.advice ?? "", /--config or --database/);
});

interface Case {
  name: string;
  mistake: Mistake;
  check: string;
  saw: RegExp;
  advice: RegExp;
}

/** The page that a proxy shows instead of the server's own refusal. */
const ERROR_PAGE = "<html><h1>401 Authorization Required</h1></html>";
const WELL_KNOWN = /^\/\.well-known\//;

const CASES: readonly Case[] = [
  {
    name: "drops X-Forwarded-Proto",
    mistake: { sends: (headers) => delete headers["x-forwarded-proto"] },
    check: "proxy",
    saw: /visited as http:\/\/127\.0\.0\.1:\d+, and not as https/,
    advice: /^let the proxy send .*proxy_set_header X-Forwarded-Proto \$scheme;$/,
  },
  {
    name: "rewrites Host",
    mistake: {
      sends: (headers) => {
        headers.host = "valetkey.internal";
        delete headers["x-forwarded-host"];
      },
    },
    check: "proxy",
    saw: /visited as https:\/\/valetkey\.internal, and not as https:\/\/127/,
    advice: /proxy_set_header X-Forwarded-Host \$http_host;$/,
  },
  {
    name: "does not say who asks",
    mistake: { sends: (headers) => delete headers["x-forwarded-for"] },
    check: "client_address",
    saw: /every visitor is 127\.0\.0\.1/,
    advice: /proxy_set_header X-Forwarded-For \$proxy_add_x_forwarded_for;/,
  },
  {
    name: "passes on what visitors say of themselves",
    mistake: {
      sends: (headers, asked) => {
        headers["x-forwarded-for"] = asked.headers["x-forwarded-for"];
      },
    },
    check: "forged_address",
    saw: /any visitor can choose an address: 203\.0\.113\.77/,
    advice: /proxy_set_header X-Forwarded-For \$proxy_add_x_forwarded_for;/,
  },
  {
    name: "stands behind another that is not listed",
    mistake: {
      sends: (headers) => {
        headers["x-forwarded-for"] = "192.0.2.1, 198.51.100.7";
      },
    },
    check: "client_address",
    saw: /every visitor is 198\.51\.100\.7, which is a proxy/,
    advice: /add "198\.51\.100\.7".* to trust_proxy/,
  },
  {
    name: "drops Authorization",
    mistake: { sends: (headers) => delete headers.authorization },
    check: "authorization_header",
    saw: /no client can authenticate/,
    advice: /proxy_set_header Authorization \$http_authorization;/,
  },
  {
    name: "strips cookies",
    mistake: { answers: ({ headers }) => delete headers["set-cookie"] },
    check: "cookies",
    saw: /no cookie is set/,
    advice: /no proxy_hide_header Set-Cookie/,
  },
  {
    name: "moves cookies to another path",
    mistake: {
      answers: ({ headers }) => {
        headers["set-cookie"] = [headers["set-cookie"] ?? []]
          .flat()
          .map((each) => each.replace("Path=/;", "Path=/id/;"));
      },
    },
    check: "cookies",
    saw: /__Host-valetkey_browser_\d+ comes with Path=\/id\/, and not Path=\//,
    advice: /no proxy_cookie_path/,
  },
  {
    name: "keeps cookies from the server",
    mistake: { sends: (headers) => delete headers.cookie },
    check: "cookies",
    saw: /a cookie that is sent does not reach the server/,
    advice: /pass on Cookie/,
  },
  {
    name: "strips Cache-Control",
    mistake: { answers: ({ headers }) => delete headers["cache-control"] },
    check: "caching",
    saw: /may be kept .*the token endpoint: no Cache-Control and \/sign-in: no Cache-Control/,
    advice: /no proxy_hide_header Cache-Control/,
  },
  {
    name: "lets keys be kept for a day",
    mistake: {
      answers: ({ headers }, { url }) => {
        if (url === "/jwks") headers["cache-control"] = "max-age=86400";
      },
    },
    check: "caching",
    saw: /a new key would be missed: jwks: Cache-Control: max-age=86400/,
    advice: /no expires/,
  },
  {
    name: "replaces the bodies of refusals",
    mistake: {
      answers: (answer) => {
        if (answer.status < 400) return;
        answer.headers = { "content-type": "text/html" };
        answer.body = ERROR_PAGE;
      },
    },
    check: "errors",
    saw: /a bad token request: 400 with text\/html, not 400 with JSON/,
    advice: /no proxy_intercept_errors/,
  },
  {
    name: "takes the challenge from a 401",
    mistake: { answers: ({ headers }) => delete headers["www-authenticate"] },
    check: "errors",
    saw: /no WWW-Authenticate for an unknown client at the token endpoint and userinfo/,
    advice: /no proxy_hide_header WWW-Authenticate/,
  },
  {
    name: "does not know the well-known addresses",
    mistake: {
      answers: (answer, { url }) => {
        if (!WELL_KNOWN.test(url ?? "")) return;
        answer.status = 404;
        answer.body = "not found";
      },
    },
    check: "metadata",
    saw: /\/\.well-known\/oauth-authorization-server and \/\.well-known\/openid-configuration are not the metadata: 404/,
    advice: /location \/\.well-known\/ \{ proxy_pass/,
  },
  {
    name: "does not know one of the endpoints",
    mistake: {
      answers: (answer, { url }) => {
        if (url === "/revoke") answer.status = 502;
      },
    },
    check: "endpoints",
    saw: /advertised and not there: https:\/\/127\.0\.0\.1:\d+\/revoke: 502/,
    advice: /location \/ \{ proxy_pass/,
  },
  {
    name: "answers preflights by itself",
    mistake: {
      answers: (answer, { method }) => {
        if (method === "OPTIONS") answer.headers["access-control-allow-headers"] = "content-type";
      },
    },
    check: "cors",
    saw: /apps in browsers can't call metadata/,
    advice: /pass on OPTIONS/,
  },
  {
    name: "lets scripts of any site into pages",
    mistake: { answers: ({ headers }) => (headers["access-control-allow-origin"] = "*") },
    check: "cors",
    saw: /scripts of any site may call authorization_endpoint, introspection_endpoint, end_session_endpoint and \/sign-in/,
    advice: /add no Access-Control/,
  },
  {
    name: "takes the policy from pages",
    mistake: { answers: ({ headers }) => delete headers["content-security-policy"] },
    check: "pages",
    saw: /content-security-policy: absent/,
    advice: /no proxy_hide_header/,
  },
  {
    name: "puts a script into pages",
    mistake: {
      answers: (answer) => {
        answer.body = answer.body.replace("</body>", "<script>count()</script></body>");
      },
    },
    check: "pages",
    saw: /was changed on the way/,
    advice: /sub_filter/,
  },
  {
    name: "refuses long addresses",
    mistake: {
      answers: (answer, { url = "" }) => {
        if (url.length < 8000) return;
        answer.status = 414;
        answer.headers = { "content-type": "text/html" };
      },
    },
    check: "limits",
    saw: /an address of 10,000 characters: 414 with text\/html/,
    advice: /large_client_header_buffers 4 16k;/,
  },
  {
    name: "refuses long answers, as nginx does with its own sizes",
    mistake: {
      answers: (answer) => {
        const longest = Math.max(...Object.values(answer.headers).map((each) => `${each}`.length));
        if (longest < 4000) return;
        answer.status = 502;
        answer.headers = { "content-type": "text/html" };
      },
    },
    check: "limits",
    saw: /a header of 8,300 characters: 502 with text\/html/,
    advice: /proxy_buffer_size 16k;/,
  },
  {
    name: "stands on a computer whose clock is two minutes behind",
    mistake: {
      answers: ({ headers }) => {
        headers.date = new Date(Date.now() - 120_000).toUTCString();
      },
    },
    check: "clock",
    saw: /the server's is 1[12]\d s behind this computer's/,
    advice: /timedatectl set-ntp true/,
  },
  {
    name: "refuses addresses in the query",
    mistake: {
      answers: (answer, { url = "" }) => {
        if (!url.includes("client_id=https%3A%2F%2F")) return;
        answer.status = 403;
        answer.body = "blocked";
      },
    },
    check: "document_clients",
    saw: /the URL of a document as client_id: 403/,
    advice: /no rule against URLs in parameters/,
  },
  {
    name: "rewrites where answers go",
    mistake: {
      answers: ({ headers }) => {
        const { location } = headers;
        if (typeof location === "string")
          headers.location = location.replace("https://printly.example", "http://internal");
      },
    },
    check: "registered_clients",
    saw: /the answer goes to http:\/\/internal\/callback, and not to https:\/\/printly\.example/,
    advice: /proxy_redirect off/,
  },
  {
    name: "drops what belongs to the answer",
    mistake: {
      answers: ({ headers }) => {
        const { location } = headers;
        if (typeof location === "string") headers.location = location.replace(/&?iss=[^&]*/, "");
      },
    },
    check: "registered_clients",
    saw: /state or iss of the answer is not what the server sends/,
    advice: /proxy_redirect off/,
  },
  {
    name: "does not know the page for devices",
    mistake: {
      answers: (answer, { url }) => {
        if (url === "/device") answer.status = 404;
      },
    },
    check: "devices",
    saw: /\/device: 404/,
    advice: /everything below the issuer/,
  },
  {
    name: "answers unknown well-known addresses by itself",
    mistake: {
      answers: (answer, { url = "" }) => {
        if (!url.includes("oauth-protected-resource")) return;
        delete answer.headers["access-control-allow-origin"];
      },
    },
    check: "well_known",
    saw: /404 with application\/json, and scripts can't read it/,
    advice: /all of \/\.well-known\//,
  },
  {
    name: "has signed its certificate itself",
    mistake: { certificate: "self-signed" },
    check: "tls",
    saw: /signed by itself/,
    advice: /NODE_EXTRA_CA_CERTS/,
  },
  {
    name: "has a certificate that ended",
    mistake: { certificate: "expired" },
    check: "tls",
    saw: /ended on 2020-02-01/,
    advice: /certbot renew/,
  },
  {
    name: "has a certificate of another name",
    mistake: { certificate: "other" },
    check: "tls",
    saw: /for DNS:other\.test, and not for 127\.0\.0\.1/,
    advice: /install one for 127\.0\.0\.1/,
  },
  {
    name: "leaves out the intermediate certificate",
    mistake: { certificate: "alone" },
    check: "tls",
    saw: /chain of the certificate is not complete/,
    advice: /fullchain\.pem/,
  },
];

for (const { name, mistake, check, saw, advice } of CASES)
  test(`a proxy that ${name}: one finding, ${check}, with advice`, async () => {
    proxy.make(mistake);
    const { code, findings, wrong } = await examine();
    assert.deepEqual(
      wrong.map((each) => each.check),
      [check],
      JSON.stringify(wrong, null, 2),
    );
    const [found] = wrong;
    assert.match(found?.saw ?? "", saw);
    assert.match(found?.advice ?? "", advice);
    assert.equal(code, found?.status === "problem" ? 1 : 0);
    assert.equal(statusOf(findings, check), found?.status);
  });

test("a wrong issuer is one finding, and dependent checks are left out", async () => {
  proxy.make({});
  const other = proxy.issuer.replace("127.0.0.1", "localhost");
  const { code, findings, wrong } = await examine(["--config", "config.json", "--issuer", other]);
  assert.deepEqual(
    wrong.map(({ check }) => check),
    ["issuer"],
    JSON.stringify(wrong, null, 2),
  );
  assert.match(
    wrong[0]?.saw ?? "",
    /says it is https:\/\/127.*asked for as https:\/\/localhost.*host differs/,
  );
  assert.match(wrong[0]?.advice ?? "", /^set issuer: "https:\/\/localhost:\d+" if/);
  assert.equal(code, 1);
  assert.ok(leftOut(findings).includes("endpoints"));
});

test("untrusted forwarded headers: the advice is trust_proxy with the address of the proxy", async () => {
  proxy.make({});
  const { trust_proxy: _, ...untrusting } = config();
  place.write("untrusting.json", JSON.stringify({ ...untrusting, database: "sqlite:two.sqlite" }));
  const second = await place.start(["--config", "untrusting.json"]);
  proxy.leadTo(portOf(second));
  try {
    const { wrong } = await examine(["--config", "untrusting.json"]);
    assert.deepEqual(
      wrong.map(({ check }) => check),
      ["proxy"],
    );
    assert.match(wrong[0]?.advice ?? "", /^set trust_proxy: \["127\.0\.0\.1"\]/);
    const elsewhere = await examine(["--config", "config.json"]);
    const keys = elsewhere.wrong.find(({ check }) => check === "signing_keys");
    assert.match(keys?.saw ?? "", /works on another one/);
  } finally {
    proxy.leadTo(portOf(server));
    await second.stop();
  }
});

test("an issuer with a path is checked at all four well-known addresses", async () => {
  proxy.make({});
  const issuer = `${proxy.issuer}/id`;
  const database = "sqlite:path.sqlite";
  place.write("path.json", JSON.stringify({ ...config(), issuer, database }));
  const second = await place.start(["--config", "path.json"]);
  proxy.leadTo(portOf(second));
  try {
    const { code, findings, wrong } = await examine(["--config", "path.json"]);
    assert.deepEqual([code, wrong], [0, []]);
    assert.match(findings.find(({ check }) => check === "metadata")?.saw ?? "", /all 4/);
  } finally {
    proxy.leadTo(portOf(server));
    await second.stop();
  }
});

test("readable secret files are named with the command that makes them private", async () => {
  proxy.make({});
  chmodSync(`${place.folder}/valetkey.sqlite`, 0o644);
  try {
    const { code, wrong } = await examine();
    assert.deepEqual([code, wrong.length], [0, 1]);
    assert.match(wrong[0]?.saw ?? "", /valetkey\.sqlite \(644\)/);
    assert.equal(wrong[0]?.advice, "chmod 600 valetkey.sqlite");
  } finally {
    chmodSync(`${place.folder}/valetkey.sqlite`, 0o600);
  }
});

test("an unreachable server and a missing database are one finding each", async () => {
  const nobody = `http://127.0.0.1:${await freePort()}`;
  const args = ["--issuer", nobody, "--database", "sqlite:nowhere.sqlite"];
  const { code, stderr, findings } = await examine(args);
  assert.deepEqual(
    findings.map(({ check, status }) => [check, status]),
    [
      ["address", "problem"],
      ["database", "problem"],
    ],
  );
  assert.match(findings[0]?.saw ?? "", /does not answer: nothing listens there/);
  assert.match(findings[1]?.saw ?? "", /no database at nowhere\.sqlite/);
  assert.equal(code, 1);
  assert.equal(stderr, "error: 2 problems\n");
});

test("a malformed --issuer is refused", async () => {
  for (const issuer of ["id.example.com", "ftp://id.example.com", "https://id.example.com?x"]) {
    const result: Result = await place.run(["doctor", "--issuer", issuer]);
    assertRefused(result, 2, /is not an address/);
  }
});
