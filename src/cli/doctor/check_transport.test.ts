import assert from "node:assert/strict";
import { test } from "node:test";
import type { Answer, Reply } from "./ask.ts";
import { checkClock, checkPlainHttp, checkReady, checkTls } from "./check_transport.ts";
import type { TlsFacts } from "./inspect_tls.ts";

const NOW = 1_800_000_000;
const DAY = 86_400;
const issuer = "https://id.example";

const answer = (status: number, headers: Record<string, string> = {}, body = ""): Answer => ({
  status,
  headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
  body,
  at: NOW * 1000,
  ms: 0,
});
const json = (status: number, value: unknown) =>
  answer(status, { "content-type": "application/json" }, JSON.stringify(value));

test("a certificate is checked for name, dates, chain and protocol", () => {
  const good: TlsFacts = {
    protocol: "TLSv1.3",
    names: "DNS:id.example",
    name_fits: true,
    valid_from: NOW - 300 * DAY,
    valid_to: NOW + 60 * DAY,
    self_signed: false,
    chain_error: null,
    takes_old: false,
  };
  const short = { valid_from: NOW - DAY, valid_to: NOW + 5 * DAY };
  const cases: [Partial<TlsFacts>, string, RegExp][] = [
    [{}, "ok", /TLSv1\.3, certificate for 60 days more/],
    // A certificate with a lifetime of six days is not about to expire.
    [short, "ok", /5 days/],
    [{ ...short, valid_to: NOW + 80_000 }, "ok", /0 days/],
    [{ valid_to: NOW + 13 * DAY }, "warning", /ends in 13 days/],
    [{ valid_to: NOW }, "problem", /ended on 2027-01-15/],
    [{ valid_from: NOW + 1 }, "problem", /begins on 2027-01-15/],
    [{ name_fits: false, names: "DNS:b.example" }, "problem", /for DNS:b\.example, and not for id/],
    [{ self_signed: true, chain_error: "DEPTH_ZERO_SELF_SIGNED_CERT" }, "problem", /by itself/],
    [{ self_signed: true }, "ok", /60 days/],
    [{ chain_error: "UNABLE_TO_VERIFY_LEAF_SIGNATURE" }, "problem", /chain .* not complete/],
    [{ takes_old: true }, "warning", /TLS 1\.1 or older/],
  ];
  for (const [change, status, saw] of cases) {
    const found = checkTls({ ...good, ...change }, { issuer, now: NOW });
    assert.equal(found.status, status, JSON.stringify(change));
    assert.match(found.saw, saw);
  }
  const silent = checkTls({ silence: "the connection was cut" }, { issuer, now: NOW });
  assert.equal(silent.status, "problem");
});

test("a request without TLS must be redirected or unanswered", () => {
  const keys = json(200, { keys: [{ kty: "EC" }] });
  const cases: [Reply, string, RegExp][] = [
    [{ silence: "nothing listens there" }, "ok", /nobody answers/],
    [answer(301, { location: "https://id.example/jwks" }), "ok", /is sent on/],
    [answer(301, { location: "https://www.example/" }), "problem", /sent to https:\/\/www/],
    [keys, "problem", /answers without TLS too/],
    [answer(200, { "content-type": "text/html" }), "warning", /is not sent on: 200/],
    [answer(302, { location: "/welcome" }), "warning", /is not sent on: 302/],
  ];
  for (const [plain_http, status, saw] of cases) {
    const found = checkPlainHttp({ plain_http, issuer });
    assert.equal(found?.status, status);
    assert.match(found?.saw ?? "", saw);
  }
  assert.equal(checkPlainHttp({ plain_http: null, issuer }), null);
});

test("of three clocks, the deviating one is named", () => {
  const served = (seconds: number) => ({
    documents: [
      { path: "/", reply: answer(200, { date: new Date((NOW + seconds) * 1000).toUTCString() }) },
    ],
  });
  const cases: [number, number | null, string, RegExp][] = [
    [0, null, "ok", /agree/],
    [4, 4000, "ok", /agree/],
    [20, null, "warning", /^set both clocks by NTP: timedatectl set-ntp true$/],
    [120, null, "problem", /^set both clocks/],
    [-120, 0, "problem", /^set the server's clock/],
    [120, 119_000, "problem", /^set this computer's clock/],
    [0, 60_000, "problem", /^set the database's clock/],
  ];
  for (const [server, database, status, expected] of cases) {
    const { saw, advice, ...found } = checkClock(served(server), database);
    assert.equal(found.status, status, `${server} ${database}`);
    assert.match(advice ?? saw, expected);
  }
  const silent = { documents: [{ path: "/", reply: answer(200) }] };
  assert.equal(checkClock(silent, null).status, "left_out");
});

test("the server's reported state is checked unless it is hidden from outside", () => {
  const fine = answer(200, {}, "ok\n");
  const said = (ok: boolean, detail: string, status = ok ? 200 : 503) =>
    json(status, { ready: ok, checks: [{ name: "clock", ok, detail }] });
  const cases: [Reply, Reply, string, RegExp][] = [
    [fine, said(true, "agrees"), "ok", /is ready/],
    [fine, said(true, "warning: 9 s off the database's"), "warning", /clock: warning: 9 s off/],
    [fine, said(false, "could not be read"), "problem", /clock could not be read/],
    [answer(404), answer(404), "ok", /kept from the outside/],
    [fine, answer(403), "ok", /kept from the outside/],
    [answer(502), answer(502), "problem", /\/healthz: 502/],
    [
      fine,
      answer(200, { "content-type": "text/html" }),
      "problem",
      /\/readyz: 200 with text\/html/,
    ],
  ];
  for (const [healthz, readyz, status, saw] of cases) {
    const found = checkReady({ healthz, readyz });
    assert.equal(found.status, status);
    assert.match(found.saw, saw);
  }
});
