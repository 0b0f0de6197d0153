/** Checks the certificate, the redirect from http to https, the clocks, and the state of the server. */
import { describeReply, headerOf, isAnswer, type Reply } from "./ask.ts";
import { type Answers, jsonIn, publishedIn } from "./collect.ts";
import { type Finding, leftOut, listed, ok, problem, warning } from "./finding.ts";
import type { TlsFacts } from "./inspect_tls.ts";

const DAY = 86_400;
/** Days before its expiry at which a certificate should have been renewed, or a quarter of its life if that is less. */
const RENEWED_BY = 14;

/** @param now seconds since the epoch */
export function checkTls(
  tls: TlsFacts | { silence: string },
  { issuer, now }: { issuer: string; now: number },
): Finding {
  const check = "tls";
  const { hostname: host } = new URL(issuer);
  if ("silence" in tls)
    return problem(check, `no TLS connection: ${tls.silence}`, "check which program listens there");
  const { protocol, names, valid_from, valid_to } = tls;
  const day = (seconds: number) => new Date(seconds * 1000).toISOString().slice(0, 10);
  if (!tls.name_fits)
    return problem(
      check,
      `the certificate is for ${names}, and not for ${host}`,
      `install one for ${host}: certbot certonly -d ${host}`,
    );
  if (valid_to <= now)
    return problem(
      check,
      `the certificate ended on ${day(valid_to)}`,
      "renew it (certbot renew) and let the proxy read it again (nginx -s reload)",
    );
  if (valid_from > now)
    return problem(
      check,
      `the certificate begins on ${day(valid_from)}`,
      "look at the clock of this computer, or install one that holds already",
    );
  if (tls.self_signed && tls.chain_error !== null)
    return problem(
      check,
      "the certificate is signed by itself, so that no browser and no app believes it",
      "install one of a known authority. One of your own: let doctor and all clients know it (NODE_EXTRA_CA_CERTS=ca.pem)",
    );
  if (tls.chain_error !== null)
    return problem(
      check,
      `the chain of the certificate is not complete, or its authority is not known (${tls.chain_error})`,
      "serve the intermediates with it: fullchain.pem, not cert.pem. nginx: ssl_certificate …/fullchain.pem;",
    );
  const days = Math.floor((valid_to - now) / DAY);
  const soon = Math.min(RENEWED_BY * DAY, (valid_to - valid_from) / 4);
  if (valid_to - now < soon)
    return warning(
      check,
      `the certificate ends in ${days} days, on ${day(valid_to)}`,
      "look at why it was not renewed: certbot renew --dry-run",
    );
  if (tls.takes_old)
    return warning(check, "TLS 1.1 or older is accepted", "nginx: ssl_protocols TLSv1.2 TLSv1.3;");
  return ok(check, `${protocol}, certificate for ${days} days more`);
}

/** Requests by http have to be redirected or refused: tokens must never be sent without TLS. */
export function checkPlainHttp({
  plain_http: reply,
  issuer,
}: Pick<Answers, "plain_http" | "issuer">): Finding | null {
  const check = "https_only";
  if (reply === null) return null;
  if (!isAnswer(reply)) return ok(check, "nobody answers without TLS");
  const location = headerOf(reply, "location");
  const { host } = new URL(issuer);
  if (location !== null && URL.parse(location)?.protocol === "https:")
    return URL.parse(location)?.host === host
      ? ok(check, "who comes without TLS is sent on")
      : problem(
          check,
          `who comes without TLS is sent to ${location}`,
          `nginx: return 301 https://${host}$request_uri;`,
        );
  const serves = reply.status === 200 && publishedIn(reply) !== null;
  if (serves)
    return problem(
      check,
      "the server answers without TLS too",
      `nginx: a server of its own for port 80, with return 301 https://${host}$request_uri;`,
    );
  return warning(
    check,
    `who comes without TLS is not sent on: ${describeReply(reply)}`,
    `nginx: return 301 https://${host}$request_uri;`,
  );
}

/** Seconds. Assertions of clients may be this much off (`client_auth/private_key_jwt.ts`). */
const WRONG = 30;
const NOTICED = 5;

/** @param database milliseconds that the database is ahead of this computer; null: unknown */
export function checkClock(
  { documents }: Pick<Answers, "documents">,
  database: number | null,
): Finding {
  const check = "clock";
  const reply = documents
    .map(({ reply }) => reply)
    .find((each) => isAnswer(each) && headerOf(each, "date") !== null);
  const date = reply && isAnswer(reply) ? Date.parse(headerOf(reply, "date") ?? "") : Number.NaN;
  if (!reply || !isAnswer(reply) || Number.isNaN(date))
    return leftOut(check, "the answers have no Date");
  // The header is rounded down to a second.
  const server = Math.round((date + 500 - reply.at) / 1000);
  const base = database === null ? 0 : Math.round(database / 1000);
  const parts = [
    ...(Math.abs(server) > NOTICED ? [`the server's is ${ahead(server)} this computer's`] : []),
    ...(Math.abs(base) > NOTICED ? [`the database's is ${ahead(base)} this computer's`] : []),
  ];
  if (parts.length === 0) return ok(check, "the clocks agree");
  const saw = `clocks differ: ${listed(parts)}`;
  const wrong = Math.max(Math.abs(server), Math.abs(base)) > WRONG;
  const advice = `set ${whose(server, base, database !== null)} by NTP: timedatectl set-ntp true`;
  return wrong
    ? problem(check, saw, `${advice}. Clients' assertions are refused from ${WRONG} s on`)
    : warning(check, saw, advice);
}

const ahead = (seconds: number): string =>
  `${Math.abs(seconds)} s ${seconds > 0 ? "ahead of" : "behind"}`;

/** Of three clocks, the one that differs from the other two is wrong. */
function whose(server: number, database: number, known: boolean): string {
  if (!known) return "both clocks";
  if (Math.abs(database) <= NOTICED) return "the server's clock";
  return Math.abs(server - database) <= NOTICED ? "this computer's clock" : "the database's clock";
}

export function checkReady({ healthz, readyz }: Pick<Answers, "healthz" | "readyz">): Finding {
  const check = "ready";
  if (isKept(readyz) && isKept(healthz))
    return ok(check, "/readyz and /healthz are kept from the outside");
  if (isAnswer(healthz) && healthz.status >= 500)
    return problem(
      check,
      `/healthz: ${describeReply(healthz)}`,
      "the proxy reaches no server: look at whether one runs",
    );
  const checks = readinessOf(readyz);
  if (checks === null) {
    if (isKept(readyz)) return ok(check, "/readyz is kept from the outside");
    return problem(
      check,
      `/readyz: ${describeReply(readyz)}`,
      "let the proxy pass it on, or refuse it with 403",
    );
  }
  const failed = checks.filter((each) => !each.ok);
  if (failed.length > 0)
    return problem(
      check,
      listed(failed.map(({ name, detail }) => `${name} ${detail}`)),
      "the log of the server says why, at “not ready”",
    );
  const doubtful = checks.filter(({ detail }) => detail.startsWith("warning"));
  if (doubtful.length > 0)
    return warning(
      check,
      listed(doubtful.map(({ name, detail }) => `${name}: ${detail}`)),
      "set the clocks by NTP: timedatectl set-ntp true",
    );
  return ok(check, "the server is ready for requests");
}

const isKept = (reply: Reply): boolean => isAnswer(reply) && [401, 403, 404].includes(reply.status);

function readinessOf(reply: Reply): { name: string; ok: boolean; detail: string }[] | null {
  const checks = isAnswer(reply) ? jsonIn(reply)?.checks : null;
  if (!Array.isArray(checks)) return null;
  return checks.map((each) => ({
    name: String(each?.name),
    ok: each?.ok === true,
    detail: String(each?.detail),
  }));
}
