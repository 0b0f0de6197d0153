/** Checks that responses to apps arrive unchanged. */
import { type Answer, describeReply, headerOf, isAnswer, type Reply } from "./ask.ts";
import { type Answers, jsonIn, replyOf } from "./collect.ts";
import { type Finding, leftOut, listed, ok, problem, warning } from "./finding.ts";

interface Expected {
  what: string;
  reply: Reply;
  status: number;
  /** The error code in its JSON; null: any JSON is accepted. */
  error: string | null;
  /** The scheme in its challenge. */
  challenge: string | null;
}

type Refused = Pick<Answers, "endpoints" | "bad_request" | "two_ways">;

function known(answers: Refused): Expected[] {
  const { endpoints, bad_request, two_ways } = answers;
  const userinfo = endpoints.find(({ name }) => name === "userinfo_endpoint");
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
      reply: replyOf(answers, "token_endpoint"),
      status: 401,
      error: "invalid_client",
      // This is the response to a header, which has to arrive first.
      challenge: errorIn(two_ways) === "invalid_client" ? null : "Basic",
    },
    ...(userinfo
      ? [
          {
            what: "userinfo without a token",
            reply: userinfo.reply,
            status: 401,
            error: null,
            challenge: "Bearer",
          },
        ]
      : []),
  ];
}

/** Clients read the JSON of an error, and browsers and libraries its challenge. */
export function checkErrors(answers: Refused): Finding {
  const check = "errors";
  const all = known(answers);
  const limited = all.find(({ reply }) => isAnswer(reply) && reply.status === 429);
  if (limited)
    return leftOut(
      check,
      "the server has had enough requests (429)",
      "try again in a minute, or with a higher rate_limits.address",
    );
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

const errorIn = (reply: Reply): unknown => (isAnswer(reply) ? jsonIn(reply)?.error : undefined);

export function checkAuthorizationHeader({ two_ways }: Pick<Answers, "two_ways">): Finding {
  const check = "authorization_header";
  const error = errorIn(two_ways);
  if (error === "invalid_request") return ok(check, "it reaches the server");
  if (error !== "invalid_client")
    return leftOut(check, "the token endpoint does not answer as it should");
  return problem(
    check,
    "Authorization does not reach the server: no client can authenticate, and no token is seen",
    "nginx: proxy_set_header Authorization $http_authorization; and no auth_basic here. Apache: CGIPassAuth On",
  );
}

/** Seconds. If verifiers cached longer, they would miss a new key, which is published 600 s before it signs. */
const LONGEST_CACHE = 600;

type Served = Pick<Answers, "endpoints" | "bad_request" | "documents" | "sign_in">;

/** Tokens and pages must not be cached, metadata and keys not for long (RFC 6749 §5.1, RFC 9111). */
export function checkCaching(answers: Served): Finding {
  const check = "caching";
  const kept = secretAnswers(answers).filter(([, answer]) => !isNoStore(answer));
  if (kept.length > 0)
    return problem(
      check,
      `may be kept by browsers and caches: ${listed(kept.map(describeCaching))}, and not no-store`,
      "let the proxy pass on Cache-Control. nginx: no proxy_hide_header Cache-Control, no proxy_ignore_headers, no expires, no proxy_cache here",
    );
  const old = lastingAnswers(answers).filter(([, answer]) => longestLife(answer) > LONGEST_CACHE);
  if (old.length > 0)
    return problem(
      check,
      `kept for too long, so that a new key would be missed: ${listed(old.map(describeCaching))}`,
      "let the proxy pass on max-age=300 as it comes. nginx: no expires and no proxy_cache_valid here",
    );
  return ok(check, "tokens and pages are kept nowhere, keys for minutes");
}

type Named = [what: string, answer: Answer];

/** Only responses of the server itself: other checks report replaced ones. */
const secretAnswers = ({ bad_request, sign_in }: Served): Named[] => [
  ...(isAnswer(bad_request) && jsonIn(bad_request)?.error !== undefined
    ? [["the token endpoint", bad_request] satisfies Named]
    : []),
  ...(isAnswer(sign_in) && sign_in.status === 200 ? [["/sign-in", sign_in] satisfies Named] : []),
];

function lastingAnswers(served: Served): Named[] {
  const all = [
    { path: "jwks", reply: replyOf(served, "jwks_uri") },
    ...served.documents.map(({ path, reply }) => ({ path, reply })),
  ];
  return all.flatMap(({ path, reply }): Named[] =>
    isAnswer(reply) && reply.status === 200 ? [[path, reply]] : [],
  );
}

/** An `Age` header shows that the response was cached nevertheless. */
const isNoStore = (answer: Answer): boolean =>
  /(^|[\s,])no-store([\s,]|$)/i.test(headerOf(answer, "cache-control") ?? "") &&
  headerOf(answer, "age") === null;

function longestLife(answer: Answer): number {
  const lives = [...(headerOf(answer, "cache-control") ?? "").matchAll(/max-age=(\d+)/gi)];
  const age = Number(headerOf(answer, "age") ?? 0);
  return Math.max(age, ...lives.map(([, seconds]) => Number(seconds)));
}

function describeCaching([what, answer]: Named): string {
  const [control, age] = [headerOf(answer, "cache-control"), headerOf(answer, "age")];
  const said = control === null ? "no Cache-Control" : `Cache-Control: ${control}`;
  return `${what}: ${said}${age === null ? "" : `, kept for ${age} s`}`;
}

/** Long authorization requests are sent in URLs; the server accepts up to 16 KB, and a proxy often only half of it. */
export function checkLimits(
  {
    long_address,
    large_body,
    long_answer,
  }: Pick<Answers, "long_address" | "large_body" | "long_answer">,
  limits: { header: number; body: number },
): Finding {
  const check = "limits";
  const passes = isAnswer(long_address) && long_address.status === 200;
  if (limits.header >= 12_000 && !passes)
    return warning(
      check,
      `an address of 10,000 characters: ${describeReply(long_address)}`,
      "long authorization requests will fail. nginx: large_client_header_buffers 4 16k;",
    );
  if (limits.body >= 61_000 && isAnswer(large_body) && large_body.status === 413)
    return warning(
      check,
      `a form of 60,000 bytes: ${describeReply(large_body)}`,
      "nginx: client_max_body_size 64k;",
    );
  if (long_answer && !(isAnswer(long_answer) && long_answer.status === 200))
    return warning(
      check,
      `an answer with a header of 8,300 characters: ${describeReply(long_answer)}`,
      "long authorization requests will fail. nginx: proxy_buffer_size 16k; proxy_buffers 4 16k;",
    );
  return ok(check, "long addresses, answers and forms get through");
}

export function checkConnections({ documents }: Pick<Answers, "documents">): Finding {
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
