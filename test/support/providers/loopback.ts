/** A provider on this machine: `fetch` leads the hosts of the real one to it, through real sockets. */
import { createHash, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

export type Answer = (request: Request) => Response | Promise<Response>;

export interface Loopback extends AsyncDisposable {
  /** Method and URL of each request, in the names of the real provider. */
  asked: string[];
  /** The provider is down: connections are refused. */
  stop(): void;
}

/** While it is open, requests to these hosts, as rows name them, come here. */
export async function loopback(hosts: readonly string[], answer: Answer): Promise<Loopback> {
  const asked: string[] = [];
  let is_up = true;
  const http = createServer(async (incoming, outgoing) => {
    // The path begins with the host.
    const request = await requestOf(incoming);
    asked.push(`${request.method} ${request.url}`);
    const response = await answer(request);
    outgoing.writeHead(response.status, [...response.headers].flat());
    outgoing.end(Buffer.from(await response.arrayBuffer()));
  });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  const { port } = http.address() as AddressInfo;
  const real = globalThis.fetch;
  globalThis.fetch = (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    if (!hosts.includes(url.host)) return real(input, init);
    const to = is_up ? `http://127.0.0.1:${port}/${url.host}` : "http://127.0.0.1:9";
    return real(`${to}${url.pathname}${url.search}`, init);
  };
  return {
    asked,
    stop() {
      is_up = false;
    },
    async [Symbol.asyncDispose]() {
      globalThis.fetch = real;
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

async function requestOf(incoming: IncomingMessage): Promise<Request> {
  const parts: Buffer[] = [];
  for await (const part of incoming) parts.push(part);
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers))
    for (const each of [value ?? []].flat()) headers.append(name, each);
  const { method = "GET", url = "" } = incoming;
  const body = method === "GET" ? null : Buffer.concat(parts);
  return new Request(`https:/${url}`, { method, headers, body });
}

export const CLIENT = { clientId: "the-client", clientSecret: "the-secret-of-the-client" };
export const REDIRECT_URI = "https://app.test/auth/callback";

/** What every provider keeps: codes for one use, and refresh tokens. */
export function memory() {
  const codes = new Map<string, URLSearchParams>();
  const refresh_tokens = new Map<string, URLSearchParams>();
  return {
    refresh_tokens,
    /** The code of an authorization request, whose PKCE is as it has to be. */
    codeFor(asked: URLSearchParams): string {
      const code = `code-${randomBytes(16).toString("hex")}`;
      codes.set(code, asked);
      return code;
    },
    /** @returns the authorization request, or why the code is refused */
    redeem(form: URLSearchParams): URLSearchParams | "used" | "redirect_uri" | "verifier" {
      const asked = codes.get(form.get("code") ?? "");
      codes.delete(form.get("code") ?? "");
      if (!asked) return "used";
      if (asked.get("redirect_uri") !== form.get("redirect_uri")) return "redirect_uri";
      const verifier = form.get("code_verifier") ?? "";
      const challenge = createHash("sha256").update(verifier).digest("base64url");
      return asked.get("code_challenge") === challenge ? asked : "verifier";
    },
    newRefreshToken(asked: URLSearchParams): string {
      const token = `refresh-${randomBytes(16).toString("hex")}`;
      refresh_tokens.set(token, asked);
      return token;
    },
  };
}

/** What is wrong with an authorization request, for every provider. */
export function wrongRequest(asked: URLSearchParams): string | null {
  const expected: Record<string, string> = {
    client_id: CLIENT.clientId,
    response_type: "code",
    code_challenge_method: "S256",
  };
  for (const [name, value] of Object.entries(expected))
    if (asked.get(name) !== value) return `${name} is ${asked.get(name)}`;
  const redirect_uri = asked.get("redirect_uri");
  // An app with several providers has a callback for each.
  if (!redirect_uri?.startsWith(REDIRECT_URI)) return `redirect_uri is ${redirect_uri}`;
  for (const name of ["state", "nonce", "code_challenge"])
    if ((asked.get(name) ?? "").length < 43) return `${name} is ${asked.get(name)}`;
  return null;
}

/** By the form (`client_secret_post`) or the header (`client_secret_basic`). */
export function isClient(form: URLSearchParams, way: "post" | "basic", headers: Headers): boolean {
  const { clientId, clientSecret } = CLIENT;
  // As some do, it decodes nothing.
  const basic = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}`;
  if (way === "basic") return headers.get("authorization") === basic;
  return form.get("client_id") === clientId && form.get("client_secret") === clientSecret;
}

export const redirect = (to: string, parameters: Record<string, string | null>, hash = "") => {
  const url = new URL(to);
  for (const [name, value] of Object.entries(parameters))
    if (value !== null) url.searchParams.set(name, value);
  return new Response(null, { status: 302, headers: { location: url.href + hash } });
};

export const bearer = (request: Request): string | undefined =>
  /^Bearer (.+)$/.exec(request.headers.get("authorization") ?? "")?.[1];

const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");

/** An ID token of now, signed with RS256. */
export function idToken(claims: Record<string, unknown>): string {
  const iat = Math.floor(Date.now() / 1000);
  const body = { aud: CLIENT.clientId, iat, exp: iat + 3600, ...claims };
  const signed = `${encode({ alg: "RS256", kid: "1" })}.${encode(body)}`;
  return `${signed}.${sign("sha256", Buffer.from(signed), privateKey).toString("base64url")}`;
}

export const atHash = (access_token: string): string =>
  createHash("sha256").update(access_token).digest().subarray(0, 16).toString("base64url");

/** Members of metadata that these providers have in common. */
export const METADATA = {
  response_types_supported: ["code"],
  subject_types_supported: ["public"],
  id_token_signing_alg_values_supported: ["RS256"],
};
