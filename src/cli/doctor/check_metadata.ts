/** Checks that clients find the server under its issuer, and all advertised endpoints. */
import { withoutOwnMembers } from "../../oauth/server_metadata.ts";
import { describeReply, isAnswer, isThere, type Reply } from "./ask.ts";
import { type Answers, type AskedEndpoint, metadataIn, publishedIn } from "./collect.ts";
import { type Finding, leftOut, listed, ok, problem, warning } from "./finding.ts";

/** RFC 8414 §3, OpenID Connect Discovery §4: each form has the same document, apart from members of our own. */
export function checkDocuments({ documents }: Pick<Answers, "documents">): Finding {
  const check = "metadata";
  const missing = documents.filter(({ reply }) => metadataIn(reply) === null);
  const [first] = missing;
  if (first) {
    const paths = listed(missing.map(({ path }) => path));
    const saw = `${paths} ${missing.length === 1 ? "is" : "are"} not the metadata: ${describeReply(first.reply)}`;
    return problem(
      check,
      saw,
      "let the proxy pass these addresses on as they come. nginx: location /.well-known/ { proxy_pass http://valetkey; } " +
        "before any rule for certificates or files that has the same beginning",
    );
  }
  const texts = new Set(
    documents.map(({ reply }) => JSON.stringify(withoutOwnMembers(metadataIn(reply) ?? {}))),
  );
  if (texts.size > 1)
    return problem(
      check,
      "the well-known addresses give different documents",
      "send all of them to the same server, and let no proxy or cache keep an older copy",
    );
  return ok(check, `the same at all ${documents.length} well-known addresses`);
}

/** OpenID Connect Discovery §4.3, RFC 8414 §3.3: the issuer is byte for byte the one that the client was given. */
export function checkIssuer(
  { metadata }: Pick<Answers, "metadata">,
  { asked, configured }: { asked: string; configured: string | null },
): Finding {
  const check = "issuer";
  if (!metadata) return leftOut(check, "there is no metadata to read it in");
  const advertised = String(metadata.issuer);
  if (configured !== null && advertised !== configured)
    return problem(
      check,
      `the configuration says ${configured}, the running server ${advertised}`,
      "restart the server with this configuration, or name the one that it runs with by --config",
    );
  if (advertised === asked) return ok(check, advertised);
  if (`${advertised}/` === asked)
    return warning(
      check,
      `${asked} was asked for, and it is ${advertised}`,
      "give it to clients without the slash at its end: they compare it byte for byte",
    );
  return problem(
    check,
    `the server says it is ${advertised}, and was asked for as ${asked}: ${difference(advertised, asked)}`,
    `set issuer: "${asked.replace(/\/$/, "")}" if that is the address that clients are given, or give them ${advertised}`,
  );
}

function difference(advertised: string, asked: string): string {
  const [one, other] = [URL.parse(advertised), URL.parse(asked)];
  if (!one || !other) return "that is no address";
  if (one.protocol !== other.protocol && one.host === other.host) return "the scheme differs";
  if (one.host !== other.host) return "the host differs";
  return "the path differs";
}

const MISSING = { url: "jwks_uri", reply: { silence: "it is not offered" } };
const PRIVATE_MEMBERS = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

export function checkJwks({ endpoints }: Pick<Answers, "endpoints">): Finding {
  const check = "jwks";
  const { url, reply } = endpoints.find(({ name }) => name === "jwks_uri") ?? MISSING;
  const keys = publishedIn(reply);
  if (keys === null)
    return problem(
      check,
      `${url} holds no keys: ${describeReply(reply)}`,
      "let the proxy pass this address on: without it no token can be checked",
    );
  const secret = keys.filter((key) => PRIVATE_MEMBERS.some((member) => member in key));
  if (secret.length > 0)
    return problem(
      check,
      `${url} shows private parts of ${counted(secret.length)}`,
      "valetkey never publishes these: take the server off the network, and retire these keys (valetkey keys retire KID)",
    );
  const algs = new Set(keys.map(({ alg }) => String(alg)));
  if (keys.length === 0)
    return problem(check, `${url} is empty`, "look at /readyz and the log of the server");
  return ok(check, `${counted(keys.length, "public ")} (${listed([...algs])})`);
}

const counted = (count: number, what = ""): string =>
  `${count} ${what}key${count === 1 ? "" : "s"}`;

/** Each endpoint answers as itself at its advertised address. Other checks look at the answers. */
export function checkEndpoints({
  endpoints,
  metadata,
  issuer,
}: Pick<Answers, "endpoints" | "metadata" | "issuer">): Finding {
  const check = "endpoints";
  if (metadata && metadata.issuer !== issuer)
    return leftOut(check, "they are advertised below another issuer");
  const elsewhere = endpoints.filter(({ name, url }) => metadata && metadata[name] !== url);
  if (elsewhere.length > 0)
    return problem(
      check,
      `${listed(elsewhere.map(({ name }) => name))} ${elsewhere.length === 1 ? "is" : "are"} not advertised below ${issuer}`,
      "let no proxy rewrite the metadata (nginx: sub_filter)",
    );
  const dead = endpoints.filter(({ reply }) => !isThere(reply));
  // A 403 may be intended, to keep introspection internal.
  const kept = dead.filter(({ name, reply }) => name === "introspection_endpoint" && isKept(reply));
  const lost = dead.filter((each) => !kept.includes(each));
  const say = ({ url, reply }: AskedEndpoint) => `${url}: ${describeReply(reply)}`;
  if (lost.length > 0)
    return problem(
      check,
      `advertised and not there: ${listed(lost.map(say))}`,
      "let the proxy pass on everything below the issuer. nginx: location / { proxy_pass http://valetkey; }",
    );
  if (kept.length > 0)
    return warning(
      check,
      `kept from the outside: ${listed(kept.map(say))}`,
      "nothing, if every API that introspects tokens reaches it in another way",
    );
  return ok(check, `all ${endpoints.length} answer where they are advertised`);
}

const isKept = (reply: Reply): boolean => isAnswer(reply) && [403, 404].includes(reply.status);
