/** Checks that the server sees the scheme, host and client address of a request, through every proxy on the way. */
import { describeReply, isAnswer, type Reply } from "./ask.ts";
import { type Answers, jsonIn, LIE } from "./collect.ts";
import { type Finding, leftOut, ok, problem } from "./finding.ts";

/** The answer of `/probe`. */
interface Seen {
  address: string;
  origin: string;
  forwarded_for: string | null;
  forwarded_host: string | null;
  forwarded_proto: string | null;
}

const PROTO = "proxy_set_header X-Forwarded-Proto $scheme;";
const HOST = "proxy_set_header X-Forwarded-Host $host;";
const FOR = "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;";

export function checkProxy({
  foreign_form: reply,
  issuer,
  seen,
}: Pick<Answers, "foreign_form" | "issuer" | "seen">): Finding {
  const check = "proxy";
  const { origin } = new URL(issuer);
  if (isAnswer(reply) && reply.status === 403)
    return ok(check, `the server is visited as ${origin}`);
  if (!isAnswer(reply) || reply.status !== 421)
    return problem(
      check,
      `POST ${issuer}/sign-in: ${describeReply(reply)}`,
      "let the proxy pass on pages and forms, with every method",
    );
  const received = originIn(reply.body);
  if (received === origin)
    return ok(check, `the server is visited as ${origin}, which is not its issuer`);
  return problem(
    check,
    `pages do not open: the server is visited as ${received ?? "another address"}, and not as ${origin}`,
    adviceFor({ origin, received }, honest(seen)),
  );
}

/** The page names the expected origin first, and then the received one. */
function originIn(page: string): string | null {
  const [, received] = [...page.matchAll(/<code>(https?:\/\/[^<]+)<\/code>/g)];
  return received?.[1] ?? null;
}

function adviceFor(
  { origin, received }: { origin: string; received: string | null },
  seen: Seen | null,
): string {
  const [right, wrong] = [new URL(origin), URL.parse(received ?? "")];
  const differs = { proto: right.protocol !== wrong?.protocol, host: right.host !== wrong?.host };
  const missing = [
    ...(differs.proto ? [{ line: PROTO, arrived: seen?.forwarded_proto }] : []),
    ...(differs.host ? [{ line: portable(HOST, right), arrived: seen?.forwarded_host }] : []),
  ];
  const lines = missing.filter(({ arrived }) => !arrived).map(({ line }) => line);
  const trust = `trust_proxy: ["${seen?.address ?? "address of the proxy"}"]`;
  const sent = `let the proxy send what it was asked for. nginx: ${lines.join(" ")}`;
  // If the header arrived and was not used, only `trust_proxy` is wrong.
  if (lines.length === 0) return `set ${trust}: the headers of the proxy are not trusted`;
  return seen ? sent : `${sent} And its address has to be listed, as in ${trust}`;
}

/** `$host` has no port. */
const portable = (line: string, { port }: URL): string =>
  port === "" ? line : line.replace("$host", "$http_host");

export function checkClientAddress({ seen, issuer }: Pick<Answers, "seen" | "issuer">): Finding {
  const check = "client_address";
  if (seen === null) return leftOut(check, NEEDS_SECRET, HOW_SECRET);
  const found = honest(seen);
  if (found === null) return unanswered(check, seen.honest);
  const { address, forwarded_for } = found;
  if (forwarded_for === null) {
    // Then visitors' headers are passed on unchanged, and one change fixes both problems.
    if (seenIn(seen.lying)?.address === LIE) return leftOut(check, "see forged_address");
    if (isDirect(found, issuer)) return ok(check, `no proxy is seen; you come from ${address}`);
    return problem(
      check,
      `the proxy does not say who asks: every visitor is ${address}`,
      `limits against guessing count addresses. nginx: ${FOR}`,
    );
  }
  const hops = forwarded_for.split(",").map(bare);
  if (!hops.includes(address))
    return problem(
      check,
      `who asks is sent (${forwarded_for}) and not believed: every visitor is ${address}`,
      `set trust_proxy: ["${address}"], or the network that your proxies are in`,
    );
  if (hops[0] !== address)
    return problem(
      check,
      `every visitor is ${address}, which is a proxy in front of the one that is listed`,
      `add "${address}", or the network of these proxies, to trust_proxy`,
    );
  return ok(check, `visitors are told apart; you come from ${address}`);
}

/** Whether no proxy added a header, and the request arrived as it was sent. */
const isDirect = ({ origin, forwarded_host, forwarded_proto }: Seen, issuer: string): boolean =>
  forwarded_host === null && forwarded_proto === null && origin === new URL(issuer).origin;

/** A visitor who can choose an address evades all limits. */
export function checkForgedAddress({ seen }: Pick<Answers, "seen">): Finding {
  const check = "forged_address";
  if (seen === null) return leftOut(check, NEEDS_SECRET, HOW_SECRET);
  const found = seenIn(seen.lying);
  if (found === null) return unanswered(check, seen.lying);
  const { address, forwarded_for } = found;
  if (address !== LIE) return ok(check, "X-Forwarded-For of visitors is not trusted");
  // The proxy has added an address after the forged one, as it should.
  if (forwarded_for?.includes(","))
    return leftOut(
      check,
      `this computer is in trust_proxy, so its own header is trusted (${forwarded_for})`,
      "run doctor from outside: a listed computer can forge any address",
    );
  return problem(
    check,
    `any visitor can choose an address: ${LIE} was sent in X-Forwarded-For, and trusted`,
    `let the proxy add the client's address. nginx: ${FOR}`,
  );
}

const NEEDS_SECRET = "only holders of the server's secret learn how it sees requests";
const HOW_SECRET = "run doctor where the server runs, or name --secret-file and --database";

function unanswered(check: string, reply: Reply): Finding {
  if (isAnswer(reply) && reply.status === 404)
    return leftOut(
      check,
      "the server does not know the secret that was given, or is an older version",
      "run doctor with the settings that the server runs with",
    );
  return leftOut(check, `/probe: ${describeReply(reply)}`);
}

const honest = (seen: Answers["seen"]): Seen | null => (seen ? seenIn(seen.honest) : null);

function seenIn(reply: Reply): Seen | null {
  const value = isAnswer(reply) && reply.status === 200 ? jsonIn(reply) : null;
  if (typeof value?.address !== "string" || typeof value.origin !== "string") return null;
  const text = (name: string): string | null => {
    const found = value[name];
    return typeof found === "string" ? found : null;
  };
  return {
    address: value.address,
    origin: value.origin,
    forwarded_for: text("forwarded_for"),
    forwarded_host: text("forwarded_host"),
    forwarded_proto: text("forwarded_proto"),
  };
}

/** Removes brackets, and the port that some proxies write. */
const bare = (hop: string): string =>
  hop
    .trim()
    .replace(/^(\d+\.\d+\.\d+\.\d+|\[[^\]]+\]):\d{1,5}$/, "$1")
    .replace(/^\[(.*)\]$/, "$1")
    .replace(/^::ffff:(?=\d+\.)/i, "");
