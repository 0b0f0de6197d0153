/**
 * Sends all requests that the checks need, as an outsider would. It judges nothing, and no request changes anything.
 */
import { isJsonObject } from "../../oauth/json.ts";
import type { Endpoint } from "../../offer.ts";
import { type Answer, type Ask, isAnswer, type Question, type Reply } from "./ask.ts";

/** An endpoint of the server, and its responses. */
export interface AskedEndpoint extends Endpoint {
  url: string;
  reply: Reply;
}
type Metadata = Readonly<Record<string, unknown>>;

export interface Answers {
  /** As it was given, without a slash at the end. */
  readonly issuer: string;
  /** The metadata at each address where a client may look for it. */
  readonly documents: readonly { path: string; reply: Reply }[];
  /** The first document that is metadata. */
  readonly metadata: Metadata | null;
  /** Each endpoint, requested at its advertised address if that is below the issuer. */
  readonly endpoints: readonly AskedEndpoint[];
  /** A token request whose answer has to be a 400. */
  readonly bad_request: Reply;
  /**
   * A client that authenticates in the header and in the form. The answer has to be 400; it is 401 if the header does
   * not arrive.
   */
  readonly two_ways: Reply;
  readonly preflights: readonly Preflight[];
  /** A form without a page: 403 under the right address, and under another one a page that names both. */
  readonly foreign_form: Reply;
  readonly sign_in: Reply;
  /** The same again with the cookies that it set. */
  readonly sign_in_again: Reply;
  readonly healthz: Reply;
  readonly readyz: Reply;
  /** An address of 10,000 characters, and a form of 60,000. */
  readonly long_address: Reply;
  readonly large_body: Reply;
  /** A response with a header of 8,300 characters; null: the secret is not known here. */
  readonly long_answer: Reply | null;
  /** The same host without TLS; null: the issuer has a port of its own, or no TLS. */
  readonly plain_http: Reply | null;
  /** Of an app that does not exist, each by a token that is none; empty: apps can't register themselves. */
  readonly registrations: readonly { method: string; reply: Reply }[];
  /** How the server sees a visitor, and one that forges its address; null: the secret is not known here. */
  readonly seen: { honest: Reply; lying: Reply } | null;
}

export interface Preflight {
  /** The name of the endpoint, or `metadata`. */
  name: string;
  method: string;
  /** Whether scripts of other origins may call it. */
  open: boolean;
  reply: Reply;
}

/** Reserved for documentation (RFC 2606, RFC 5737). */
export const FOREIGN_ORIGIN = "https://doctor.invalid";
export const LIE = "203.0.113.77";
export const NOBODY = "valetkey-doctor";

interface CollectOptions {
  issuer: string;
  ask: Ask;
  /** The paths of the metadata, and the endpoints that it should advertise. */
  paths: readonly string[];
  offered: readonly Endpoint[];
  /** Makes the header that authenticates the request; null: the secret is not known. */
  proof: (() => Readonly<Record<string, string>>) | null;
}

/** @returns the responses, or the reason why nothing answers at that address */
export async function collectAnswers(
  options: CollectOptions,
): Promise<Answers | { silence: string }> {
  const { issuer, ask, paths } = options;
  const { origin } = new URL(issuer);
  const documents = await Promise.all(
    paths.map(async (path) => ({ path, reply: await ask(origin + path, CROSS_ORIGIN) })),
  );
  const silent = documents.map(({ reply }) => ("silence" in reply ? reply.silence : null));
  const [why] = silent;
  if (why && silent.every((each) => each !== null)) return { silence: why };
  const metadata = documents.map(({ reply }) => metadataIn(reply)).find(Boolean) ?? null;
  const urls = options.offered.map((each) => ({ ...each, url: urlOf(each, metadata, issuer) }));
  const [endpoints, preflights, pages, registrations, rest] = await Promise.all([
    Promise.all(urls.map(async (each) => ({ ...each, reply: await askEndpoint(each, ask) }))),
    askPreflights(urls, documents, ask, origin),
    askPages(issuer, ask),
    askRegistrations(urls, ask),
    askRest(urls, options),
  ]);
  return { issuer, documents, metadata, endpoints, preflights, registrations, ...pages, ...rest };
}

/** The response of the endpoint of this name; silence if the server does not offer it. */
export const replyOf = ({ endpoints }: Pick<Answers, "endpoints">, name: string): Reply =>
  endpoints.find((each) => each.name === name)?.reply ?? { silence: "it is not offered" };

const CROSS_ORIGIN: Question = { headers: { origin: FOREIGN_ORIGIN } };

export function metadataIn(reply: Reply): Metadata | null {
  const value = isAnswer(reply) && reply.status === 200 ? jsonIn(reply) : null;
  return value && typeof value.issuer === "string" ? value : null;
}

export function jsonIn({ body }: Answer): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(body);
    return isJsonObject(value) ? value : null;
  } catch {
    return null; // so it is none
  }
}

/** The keys of a key set; null: the reply is no key set. */
export function publishedIn(reply: Reply): Record<string, unknown>[] | null {
  const found = isAnswer(reply) && reply.status === 200 ? jsonIn(reply)?.keys : null;
  return Array.isArray(found) ? found.filter(isJsonObject) : null;
}

type Located = Endpoint & { url: string };

/**
 * An endpoint that is advertised elsewhere is requested at its proper address: the wrong one is a finding by itself.
 */
function urlOf({ name, path }: Endpoint, metadata: Metadata | null, issuer: string): string {
  const advertised = metadata?.[name];
  const ours = typeof advertised === "string" && advertised.startsWith(`${issuer}/`);
  return ours ? advertised : issuer + path;
}

const FORM = { "content-type": "application/x-www-form-urlencoded" };
/** A client that does not exist: the answer has to be 401, with a challenge. */
const UNKNOWN_CLIENT: Question = {
  method: "POST",
  headers: {
    ...FORM,
    origin: FOREIGN_ORIGIN,
    authorization: `Basic ${Buffer.from(`${NOBODY}:none`).toString("base64")}`,
  },
  body: "grant_type=client_credentials&token=none",
};

const askEndpoint = ({ url, methods }: Located, ask: Ask): Promise<Reply> =>
  ask(url, methods.includes("GET") ? CROSS_ORIGIN : UNKNOWN_CLIENT);

/** Name, address, method, and whether scripts of other origins may call it. */
type Target = [name: Preflight["name"], url: string, method: string, open: boolean];

async function askPreflights(
  urls: readonly Located[],
  documents: Answers["documents"],
  ask: Ask,
  origin: string,
): Promise<Preflight[]> {
  const found = documents.find(({ reply }) => metadataIn(reply));
  const document: Target[] = found ? [["metadata", origin + found.path, "GET", true]] : [];
  const all: Target[] = [
    ...document,
    ...urls.map(
      ({ name, url, methods: [method = "GET"], cors }): Target => [name, url, method, cors],
    ),
  ];
  return Promise.all(
    all.map(async ([name, url, method, open]) => {
      const headers = {
        origin: FOREIGN_ORIGIN,
        "access-control-request-method": method,
        "access-control-request-headers": "authorization,content-type",
      };
      return { name, method, open, reply: await ask(url, { method: "OPTIONS", headers }) };
    }),
  );
}

async function askRegistrations(
  urls: readonly Located[],
  ask: Ask,
): Promise<Answers["registrations"]> {
  const url = urls.find(({ name }) => name === "registration_endpoint")?.url;
  if (url === undefined) return [];
  const headers = { origin: FOREIGN_ORIGIN, authorization: "Bearer none" };
  return Promise.all(
    ["GET", "PUT", "DELETE"].map(async (method) => ({
      method,
      reply: await ask(`${url}/${NOBODY}`, { method, headers }),
    })),
  );
}

type Pages = Pick<Answers, "foreign_form" | "sign_in" | "sign_in_again">;

async function askPages(issuer: string, ask: Ask): Promise<Pages> {
  const url = `${issuer}/sign-in`;
  const [foreign_form, sign_in] = await Promise.all([
    ask(url, { method: "POST", headers: FORM }),
    ask(url),
  ]);
  const set = isAnswer(sign_in) ? (sign_in.headers["set-cookie"] ?? []) : [];
  const cookie = set.map((each) => each.split(";")[0]).join("; ");
  const sign_in_again = cookie === "" ? sign_in : await ask(url, { headers: { cookie } });
  return { foreign_form, sign_in, sign_in_again };
}

type Rest = Omit<
  Answers,
  ("issuer" | "documents" | "metadata" | "endpoints" | "preflights" | "registrations") | keyof Pages
>;

async function askRest(urls: readonly Located[], options: CollectOptions): Promise<Rest> {
  const { issuer, ask, proof } = options;
  const urlNamed = (name: string) => urls.find((each) => each.name === name)?.url ?? issuer;
  const token_endpoint = urlNamed("token_endpoint");
  const jwks_uri = urlNamed("jwks_uri");
  const twice = { method: "POST", headers: FORM, body: `client_id=${NOBODY}&client_id=${NOBODY}` };
  const both_ways = `client_id=${NOBODY}&client_secret=none&${UNKNOWN_CLIENT.body}`;
  const large = {
    method: "POST",
    headers: FORM,
    body: `client_id=${NOBODY}&x=${"x".repeat(60_000)}`,
  };
  const url = new URL(issuer);
  const plain = url.protocol === "https:" && url.port === "";
  const probe = `${issuer}/probe`;
  const [
    bad_request,
    two_ways,
    healthz,
    readyz,
    long_address,
    large_body,
    long_answer,
    plain_http,
    honest,
    lying,
  ] = await Promise.all([
    ask(token_endpoint, twice),
    ask(token_endpoint, { ...UNKNOWN_CLIENT, body: both_ways }),
    ask(`${issuer}/healthz`),
    ask(`${issuer}/readyz`),
    ask(`${jwks_uri}?x=${"x".repeat(10_000)}`),
    ask(token_endpoint, large),
    proof && ask(`${probe}?long`, { headers: proof() }),
    plain ? ask(`http://${url.host}${new URL(jwks_uri).pathname}`) : null,
    proof && ask(probe, { headers: proof() }),
    proof && ask(probe, { headers: { ...proof(), "x-forwarded-for": LIE } }),
  ]);
  const seen = honest && lying ? { honest, lying } : null;
  const sizes = { long_address, large_body, long_answer };
  return { bad_request, two_ways, healthz, readyz, ...sizes, plain_http, seen };
}
