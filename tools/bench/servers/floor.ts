/**
 * The floor: a bare `node:http` server that reads the same request, makes the same signature and waits for the same
 * durable write of one row. It knows nothing of OAuth: no client, no rule, no refusal.
 */
import {
  createCipheriv,
  createDecipheriv,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  verify,
} from "node:crypto";
import { createServer, type ServerResponse } from "node:http";
import { answerQuestions } from "../child.ts";
import { type ScenarioName, tokensFor } from "../scenarios.ts";
import { floorStore, TEXT } from "./floor_store.ts";

const [place = "."] = process.argv.slice(2);
const es256 = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
const rs256 = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
const public_key = createPublicKey(es256);
const key = randomBytes(32);
const HEAD = Buffer.from(JSON.stringify({ alg: "ES256", typ: "at+jwt", kid: "x".repeat(43) }));
const HEADERS = ["content-type", "application/json", "cache-control", "no-store"];
const ETAG = `"${"x".repeat(43)}"`;
/** As long as the metadata and the two keys of Valetkey. */
const METADATA = JSON.stringify({ metadata: "x".repeat(2100) });
const KEYS = JSON.stringify({ keys: "x".repeat(690) });
const ENDED = JSON.stringify({ ended: "x".repeat(880) });
const SESSION = "x".repeat(22);
const store = await floorStore(place);

interface Answer {
  status?: number;
  location?: string;
  body?: string;
}
const json = (value: object): Answer => ({
  body: JSON.stringify({ ...value, token_type: "Bearer" }),
});

/** The work of each scenario, from the form or query to the answer. */
const WORK: Partial<Record<ScenarioName, (params: URLSearchParams) => Promise<Answer> | Answer>> = {
  metadata: () => ({ body: METADATA }),
  jwks: () => ({ body: KEYS }),
  jwks_unchanged: () => ({ status: 304 }),
  ended: () => ({ body: ENDED }),
  ended_unchanged: () => ({ status: 304 }),
  client_credentials: () => json({ access_token: jwt(es256) }),
  client_credentials_opaque: () => json({ access_token: seal() }),
  async authorize(params) {
    const code = newId();
    await store.find(SESSION);
    await store.insert(code);
    const back = `${params.get("redirect_uri")}?code=${code}&state=${params.get("state")}`;
    return { status: 303, location: back };
  },
  code: (params) => redeem(params, es256),
  code_rs256: (params) => redeem(params, rs256),
  async refresh(params) {
    const refresh_token = params.get("refresh_token") ?? "";
    await store.find(refresh_token);
    return json({ access_token: jwt(es256), refresh_token });
  },
  async refresh_public(params) {
    const refresh_token = params.get("refresh_token") ?? "";
    await store.find(refresh_token);
    const access_token = jwt(es256);
    await store.advance(refresh_token);
    return json({ access_token, refresh_token });
  },
  async introspect(params) {
    const [head, body, signature = "", id = ""] = (params.get("token") ?? "").split(".");
    const bytes = Buffer.from(signature, "base64url");
    const active = verify("sha256", Buffer.from(`${head}.${body}`), public_key, bytes);
    return json({ active, entry: await store.find(id), text: TEXT });
  },
  async introspect_opaque(params) {
    const [sealed = "", id = ""] = (params.get("token") ?? "").split(".");
    return json({ active: true, text: unseal(sealed), entry: await store.find(id) });
  },
};
let work = WORK.client_credentials;

const http = createServer((request, response) => {
  const { url = "", method } = request;
  if (method === "GET") return void answer(url.slice(url.indexOf("?") + 1), response);
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => void answer(Buffer.concat(chunks).toString(), response));
});

async function answer(form: string, response: ServerResponse): Promise<void> {
  const answered = (await work?.(new URLSearchParams(form))) ?? {};
  const { status = 200, location, body = "" } = answered;
  const more = location === undefined ? [] : ["location", location];
  const length = status === 304 ? ["etag", ETAG] : ["content-length", String(body.length)];
  response.writeHead(status, [...HEADERS, ...more, ...length]);
  response.end(body);
}

async function redeem(params: URLSearchParams, id_token_key: KeyObject): Promise<Answer> {
  const code = params.get("code") ?? "";
  await store.find(code);
  const tokens = { access_token: jwt(es256), refresh_token: code, id_token: jwt(id_token_key) };
  await store.advance(code);
  return json(tokens);
}

function jwt(signing_key: KeyObject): string {
  const payload = Buffer.from(JSON.stringify({ text: TEXT }));
  const input = `${HEAD.toString("base64url")}.${payload.toString("base64url")}`;
  return `${input}.${sign("sha256", Buffer.from(input), signing_key).toString("base64url")}`;
}

function seal(): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  const text = cipher.update(JSON.stringify({ text: TEXT }), "utf8");
  return Buffer.concat([nonce, text, cipher.final(), cipher.getAuthTag()]).toString("base64url");
}

function unseal(sealed: string): string {
  const bytes = Buffer.from(sealed, "base64url");
  const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, 12));
  decipher.setAuthTag(bytes.subarray(-16));
  return decipher.update(bytes.subarray(12, -16), undefined, "utf8") + decipher.final("utf8");
}

/** As long as a code or refresh token of Valetkey. */
const newId = (): string => `vkc_${randomBytes(60).toString("base64url")}`;

async function makeTokens(name: ScenarioName, seconds: number): Promise<string[]> {
  const ids = Array.from({ length: tokensFor(name, seconds) }, newId);
  await store.replaceAll([SESSION, ...ids]);
  if (name === "introspect") return ids.map((id) => `${jwt(es256)}.${id}`);
  return name === "introspect_opaque" ? ids.map((id) => `${seal()}.${id}`) : ids;
}

await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
const address = http.address();
const port = typeof address === "object" && address ? address.port : 0;

answerQuestions({
  async material(name, seconds) {
    work = WORK[name];
    return {
      port,
      client_id: "x".repeat(22),
      authorization: name === "refresh_public" ? null : `Basic ${"x".repeat(94)}`,
      cookie: `valetkey_session_xxxxxxxx_${port}=${"x".repeat(66)}`,
      tokens: await makeTokens(name, seconds),
      etag: ETAG,
    };
  },
  async close() {
    http.close();
    http.closeAllConnections();
    await store.close();
  },
});
