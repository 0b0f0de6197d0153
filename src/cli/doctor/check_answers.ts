/** Whether what the server answers to apps arrives as it was sent. */
import { type Answer, describeReply, headerOf, isAnswer, type Reply } from "./ask.ts";
import { type Finding, leftOut, listed, ok, problem, warning } from "./finding.ts";
import { FOREIGN_ORIGIN, jsonIn, type Preflight, type Visit } from "./visit.ts";

type Endpoints = Visit["endpoints"];
interface Expected {
  what: string;
  reply: Reply;
  status: number;
  /** The error code that its JSON names; null: any JSON will do. */
  error: string | null;
  /** The scheme in its challenge. */
  challenge: string | null;
}

const known = ({
  endpoints,
  bad_request,
}: Pick<Visit, "endpoints" | "bad_request">): Expected[] => {
  const { token_endpoint: token, userinfo_endpoint: userinfo } = endpoints;
  return [
    {
      what: "a bad token request",
      reply: bad_request,
      status: 400,
      error: "invalid_request",
      challenge: null,
    },
    {
      what: "an unknown client at the token endpoint",
      reply: token.reply,
      status: 401,
      error: "invalid_client",
      challenge: "Basic",
    },
    {
      what: "userinfo without a token",
      reply: userinfo.reply,
      status: 401,
      error: null,
      challenge: "Bearer",
    },
  ];
};

/** Clients read the JSON of a refusal, and browsers and libraries its challenge. */
export function checkErrors(visit: Pick<Visit, "endpoints" | "bad_request">): Finding {
  const check = "errors";
  const all = known(visit);
  const limited = all.find(({ reply }) => isAnswer(reply) && reply.status === 429);
  if (limited)
    return leftOut(check, "the server has had enough requests (429)", "try again in a minute");
  const replaced = all.filter((each) => !isGenuine(each));
  if (replaced.length > 0) {
    const seen = replaced.map(
      ({ what, reply, status }) => `${what}: ${describeReply(reply)}, not ${status} with JSON`,
    );
    return problem(
      check,
      listed(seen),
      "let the proxy pass on refusals as they come. nginx: no proxy_intercept_errors, no error_page for this location",
    );
  }
  const bare = all.filter(
    ({ reply, challenge }) => challenge !== null && !challenges(reply, challenge),
  );
  if (bare.length > 0)
    return problem(
      check,
      `no WWW-Authenticate for ${listed(bare.map(({ what }) => what))}`,
      "let the proxy pass on that header. nginx: no proxy_hide_header WWW-Authenticate",
    );
  return ok(check, "refusals arrive as they were sent");
}

const isGenuine = ({ reply, status, error }: Expected): boolean => {
  if (!isAnswer(reply) || reply.status !== status) return false;
  const json = jsonIn(reply);
  return json !== null && (error === null || json.error === error);
};
const challenges = (reply: Reply, scheme: string): boolean =>
  isAnswer(reply) && (headerOf(reply, "www-authenticate") ?? "").startsWith(`${scheme} `);

export function checkAuthorizationHeader({ endpoints }: { endpoints: Endpoints }): Finding {
  const check = "authorization_header";
  const { reply } = endpoints.token_endpoint;
  const json = isAnswer(reply) ? jsonIn(reply) : null;
  if (json?.error !== "invalid_client")
    return leftOut(check, "the token endpoint does not answer as it should");
  if (json.error_description !== "client authentication is missing")
    return ok(check, "it reaches the server");
  return problem(
    check,
    "Authorization does not reach the server: no client can authenticate, and no token is seen",
    "nginx: proxy_set_header Authorization $http_authorization; and no auth_basic here. Apache: CGIPassAuth On",
  );
}

/** Longer than this (seconds), verifiers would miss a new key: it is published 600 s before it signs. */
const LONGEST_CACHE = 600;

interface Cached {
  what: string;
  reply: Reply;
}

/** Tokens and pages must be kept nowhere, metadata and keys not for long (RFC 6749 §5.1, RFC 9111). */
export function checkCaching({
  endpoints,
  bad_request,
  documents,
  sign_in,
}: Pick<Visit, "endpoints" | "bad_request" | "documents" | "sign_in">): Finding {
  const check = "caching";
  const own = (reply: Reply): reply is Answer =>
    isAnswer(reply) && jsonIn(reply)?.error !== undefined;
  const secret: Cached[] = [
    ...(own(bad_request) ? [{ what: "the token endpoint", reply: bad_request }] : []),
    ...(isAnswer(sign_in) && sign_in.status === 200 ? [{ what: "/sign-in", reply: sign_in }] : []),
  ];
  const lasting: Cached[] = [
    { what: "jwks", reply: endpoints.jwks_uri.reply },
    ...documents.map(({ path, reply }) => ({ what: path, reply })),
  ].filter(({ reply }) => isAnswer(reply) && reply.status === 200);
  const kept = secret
    .filter(({ reply }) => !isNoStore(reply))
    .map(({ what }) => `${what}: ${cacheControl(secret, what)}`);
  const old = lasting
    .filter(({ reply }) => isTooLong(reply))
    .map(({ what }) => `${what}: ${cacheControl(lasting, what)}`);
  if (kept.length > 0)
    return problem(
      check,
      `may be kept by browsers and caches: ${listed(kept)}, and not no-store`,
      "let the proxy pass on Cache-Control. nginx: no proxy_hide_header Cache-Control, no proxy_ignore_headers, no expires, no proxy_cache here",
    );
  if (old.length > 0)
    return problem(
      check,
      `kept for too long, so that a new key would be missed: ${listed(old)}`,
      "let the proxy pass on max-age=300 as it comes. nginx: no expires and no proxy_cache_valid here",
    );
  return ok(check, "tokens and pages are kept nowhere, keys for minutes");
}

const isNoStore = (reply: Reply): boolean =>
  isAnswer(reply) &&
  /(^|[\s,])no-store([\s,]|$)/i.test(headerOf(reply, "cache-control") ?? "") &&
  headerOf(reply, "age") === null;

function isTooLong(reply: Reply): boolean {
  if (!isAnswer(reply)) return false;
  const ages = [...(headerOf(reply, "cache-control") ?? "").matchAll(/max-age=(\d+)/gi)];
  const longest = Math.max(
    ...ages.map(([, seconds]) => Number(seconds)),
    Number(headerOf(reply, "age") ?? 0),
  );
  return longest > LONGEST_CACHE;
}

function cacheControl(all: readonly Cached[], wanted: string): string {
  const reply = all.find(({ what }) => what === wanted)?.reply;
  const found = reply && isAnswer(reply) ? headerOf(reply, "cache-control") : null;
  const age = reply && isAnswer(reply) ? headerOf(reply, "age") : null;
  return `${found === null ? "no Cache-Control" : `Cache-Control: ${found}`}${age === null ? "" : `, ${age} s old`}`;
}

/** Apps in browsers may call what is meant for them (contract: `*`, no credentials), and nothing else. */
export function checkCors({
  preflights,
  endpoints,
  sign_in,
}: Pick<Visit, "preflights" | "endpoints" | "sign_in">): Finding {
  const check = "cors";
  const shut = preflights
    .filter((each) => each.open && !allows(each))
    .map(({ name, reply }) => `${name}: ${corsOf(reply)}`);
  const { authorization_endpoint, introspection_endpoint, token_endpoint, jwks_uri } = endpoints;
  const plain = [token_endpoint, jwks_uri]
    .filter(({ reply }) => isOwn(reply) && !isOpen(reply))
    .map(({ url, reply }) => `${new URL(url).pathname}: ${corsOf(reply)}`);
  const closed = [
    ...preflights
      .filter(({ open }) => !open)
      .map(({ name, reply }) => ({ name: `${name}`, reply })),
    { name: "/authorize", reply: authorization_endpoint.reply },
    { name: "/introspect", reply: introspection_endpoint.reply },
    { name: "/sign-in", reply: sign_in },
  ].filter(
    ({ reply }) => isAnswer(reply) && headerOf(reply, "access-control-allow-origin") !== null,
  );
  if (closed.length > 0)
    return problem(
      check,
      `scripts of any site may call ${listed([...new Set(closed.map(({ name }) => name))])}`,
      "let the proxy add no Access-Control-… headers: the server sets them where they belong",
    );
  if (shut.length + plain.length > 0)
    return problem(
      check,
      `apps in browsers can't call ${listed([...shut, ...plain])}`,
      "let the proxy pass on OPTIONS and the Access-Control-… headers, and add none of its own",
    );
  return ok(check, "apps in browsers reach what is meant for them, and nothing else");
}

const isOwn = (reply: Reply): boolean => isAnswer(reply) && jsonIn(reply) !== null;
const isOpen = (reply: Reply): boolean =>
  isAnswer(reply) &&
  headerOf(reply, "access-control-allow-origin") === "*" &&
  headerOf(reply, "access-control-allow-credentials") === null;

function allows({ method, reply }: Preflight): boolean {
  if (!isAnswer(reply) || reply.status < 200 || reply.status > 299 || !isOpen(reply)) return false;
  const words = (name: string) => (headerOf(reply, name) ?? "").toLowerCase().split(/[\s,]+/);
  const wanted = ["authorization", "content-type"];
  return (
    words("access-control-allow-methods").includes(method.toLowerCase()) &&
    wanted.every((name) => words("access-control-allow-headers").includes(name))
  );
}

function corsOf(reply: Reply): string {
  if (!isAnswer(reply)) return reply.silence;
  const found = headerOf(reply, "access-control-allow-origin");
  return `${reply.status}, ${found === null ? `nothing allows ${FOREIGN_ORIGIN}` : `Access-Control-Allow-Origin: ${found}`}`;
}

/** Long authorization requests travel in addresses; the server takes up to 16 KB, and a proxy often half of it. */
export function checkLimits(
  { long_address, large_body }: Pick<Visit, "long_address" | "large_body">,
  limits: { header: number; body: number },
): Finding {
  const check = "limits";
  const short = limits.header >= 12_000 && !(isAnswer(long_address) && long_address.status === 200);
  const small =
    limits.body >= 61_000 &&
    !(isAnswer(large_body) && large_body.status !== 413 && jsonIn(large_body));
  if (short)
    return warning(
      check,
      `an address of 10,000 characters: ${describeReply(long_address)}`,
      "long authorization requests will fail. nginx: large_client_header_buffers 4 16k;",
    );
  if (small && isAnswer(large_body) && large_body.status === 413)
    return warning(
      check,
      `a form of 60,000 bytes: ${describeReply(large_body)}`,
      "nginx: client_max_body_size 64k;",
    );
  return ok(check, "long addresses and forms get through");
}

export function checkConnections({ documents }: Pick<Visit, "documents">): Finding {
  const check = "connections";
  const closing = documents.some(
    ({ reply }) => isAnswer(reply) && /\bclose\b/i.test(headerOf(reply, "connection") ?? ""),
  );
  if (!closing) return ok(check, "are kept open for the next request");
  return warning(
    check,
    "each request needs a connection of its own (Connection: close)",
    'nginx: no keepalive_timeout 0; in the upstream block keepalive 32; and proxy_set_header Connection "";',
  );
}
