/** Checks that apps in browsers may call the endpoints for clients (`*`, without credentials), and no others. */
import { headerOf, isAnswer, isThere, type Reply } from "./ask.ts";
import { type Answers, FOREIGN_ORIGIN, jsonIn, type Preflight, replyOf } from "./collect.ts";
import { type Finding, listed, ok, problem } from "./finding.ts";

type Asked = Pick<Answers, "preflights" | "endpoints" | "sign_in">;

export function checkCors(answers: Asked): Finding {
  const check = "cors";
  const exposed = openToAll(answers);
  if (exposed.length > 0)
    return problem(
      check,
      `scripts of any site may call ${listed(exposed)}`,
      "let the proxy add no Access-Control-… headers: the server sets them where they belong",
    );
  const shut = [...refusedPreflights(answers), ...unreadable(answers)];
  if (shut.length > 0)
    return problem(
      check,
      `apps in browsers can't call ${listed(shut)}`,
      "let the proxy pass on OPTIONS and the Access-Control-… headers, and add none of its own",
    );
  return ok(check, "apps in browsers reach the endpoints for them, and no others");
}

/** Responses that scripts of other origins must not be able to read. */
function openToAll({ preflights, endpoints, sign_in }: Asked): string[] {
  const closed = [
    ...preflights.filter(({ open }) => !open),
    ...endpoints.filter(({ cors }) => !cors),
    { name: "/sign-in", reply: sign_in },
  ];
  const open = closed.filter(({ reply }) => allowedOrigin(reply) !== null);
  return [...new Set(open.map(({ name }) => name))];
}

/** An absent endpoint is not a problem of CORS. */
const refusedPreflights = ({ preflights, endpoints }: Asked): string[] =>
  preflights
    .filter(({ name }) => name === "metadata" || isThere(replyOf({ endpoints }, name)))
    .filter((each) => each.open && !allows(each))
    .map(({ name, reply }) => `${name}: ${describeCors(reply)}`);

/** Not only the preflight has to succeed: the response itself has to be readable too. */
const unreadable = ({ endpoints }: Asked): string[] =>
  endpoints
    .filter(({ cors }) => cors)
    .filter(({ reply }) => isAnswer(reply) && jsonIn(reply) !== null && !isOpen(reply))
    .map(({ url, reply }) => `${new URL(url).pathname}: ${describeCors(reply)}`);

const allowedOrigin = (reply: Reply): string | null =>
  isAnswer(reply) ? headerOf(reply, "access-control-allow-origin") : null;

/** Two such headers are joined to `*, *`, which browsers refuse. */
const isOpen = (reply: Reply): boolean =>
  isAnswer(reply) &&
  allowedOrigin(reply) === "*" &&
  headerOf(reply, "access-control-allow-credentials") === null;

function allows({ method, reply }: Preflight): boolean {
  if (!isAnswer(reply) || reply.status < 200 || reply.status > 299 || !isOpen(reply)) return false;
  const words = (name: string) => (headerOf(reply, name) ?? "").toLowerCase().split(/[\s,]+/);
  const headers = words("access-control-allow-headers");
  return (
    words("access-control-allow-methods").includes(method.toLowerCase()) &&
    ["authorization", "content-type"].every((name) => headers.includes(name))
  );
}

function describeCors(reply: Reply): string {
  if (!isAnswer(reply)) return reply.silence;
  const origin = allowedOrigin(reply);
  if (origin === null) return `${reply.status}, nothing allows ${FOREIGN_ORIGIN}`;
  const headers = headerOf(reply, "access-control-allow-headers") ?? "none";
  return `${reply.status}, origin ${origin}, headers ${headers}`;
}
