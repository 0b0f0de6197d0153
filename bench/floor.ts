/**
 * The floor: what a bare `node:http` server needs that reads the same request, makes the same signature and
 * waits for the same durable write of one row, and knows nothing of OAuth: no client, no rule, no refusal.
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
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { answerQuestions } from "./child.ts";
import { SCENARIOS } from "./scenarios.ts";

const [folder = "."] = process.argv.slice(2);
const es256 = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
const rs256 = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
const public_key = createPublicKey(es256);
const key = randomBytes(32);
const TEXT = "x".repeat(300);
const HEAD = Buffer.from(JSON.stringify({ alg: "ES256", typ: "at+jwt", kid: "x".repeat(43) }));
const HEADERS = ["content-type", "application/json", "cache-control", "no-store"];

const db = new DatabaseSync(join(folder, "floor.sqlite"));
db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
  CREATE TABLE entry (id TEXT PRIMARY KEY, text TEXT, generation INTEGER) STRICT, WITHOUT ROWID`);
const insert = db.prepare("INSERT INTO entry (id, text, generation) VALUES (?, ?, 0)");
const find = db.prepare("SELECT * FROM entry WHERE id = ?");
const advance = db.prepare("UPDATE entry SET generation = generation + 1 WHERE id = ?");

/** The work of each scenario: what it answers to the form or query that came. */
const WORK: Record<string, (params: URLSearchParams) => Promise<Answer> | Answer> = {
  client_credentials: () => ({ access_token: jwt(es256) }),
  client_credentials_opaque: () => ({ access_token: seal() }),
  async authorize(params) {
    const code = newId();
    await commit(() => insert.run(code, TEXT));
    return { location: `${params.get("redirect_uri")}?code=${code}&state=${params.get("state")}` };
  },
  code: (params) => redeem(params, es256),
  code_rs256: (params) => redeem(params, rs256),
  refresh(params) {
    const refresh_token = params.get("refresh_token") ?? "";
    find.get(refresh_token);
    return { access_token: jwt(es256), refresh_token };
  },
  async refresh_public(params) {
    const refresh_token = params.get("refresh_token") ?? "";
    find.get(refresh_token);
    const access_token = jwt(es256);
    await commit(() => advance.run(refresh_token));
    return { access_token, refresh_token };
  },
  introspect(params) {
    const [head, body, signature = "", id = ""] = (params.get("token") ?? "").split(".");
    const bytes = Buffer.from(signature, "base64url");
    const active = verify("sha256", Buffer.from(`${head}.${body}`), public_key, bytes);
    return { active, entry: find.get(id), text: TEXT };
  },
  introspect_opaque(params) {
    const [sealed = "", id = ""] = (params.get("token") ?? "").split(".");
    return { active: true, text: unseal(sealed), entry: find.get(id) };
  },
};
type Answer = Record<string, unknown> & { location?: string };
let work = WORK.client_credentials;

const http = createServer((request, response) => {
  const { url = "", method } = request;
  if (method === "GET") return void answer(url.slice(url.indexOf("?") + 1), response);
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => void answer(Buffer.concat(chunks).toString(), response));
});

async function answer(form: string, response: ServerResponse): Promise<void> {
  const { location, ...members } = (await work?.(new URLSearchParams(form))) ?? {};
  const body = location === undefined ? JSON.stringify({ ...members, token_type: "Bearer" }) : "";
  const more = location === undefined ? [] : ["location", location];
  const status = location === undefined ? 200 : 303;
  response.writeHead(status, [...HEADERS, ...more, "content-length", String(body.length)]);
  response.end(body);
}

async function redeem(params: URLSearchParams, id_token_key: KeyObject): Promise<Answer> {
  const code = params.get("code") ?? "";
  find.get(code);
  const answer = { access_token: jwt(es256), refresh_token: code, id_token: jwt(id_token_key) };
  await commit(() => advance.run(code));
  return answer;
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

/** The writes of one turn of the event loop share one commit. */
function commit(write: () => unknown): Promise<void> {
  return new Promise((resolve) => {
    if (waiting.length === 0) setImmediate(commitAll);
    waiting.push({ write, resolve });
  });
}
let waiting: { write: () => unknown; resolve: () => void }[] = [];
function commitAll(): void {
  const batch = waiting;
  waiting = [];
  db.exec("BEGIN IMMEDIATE");
  for (const { write } of batch) write();
  db.exec("COMMIT");
  for (const { resolve } of batch) resolve();
}

/** As long as a code or refresh token of Valetkey. */
const newId = (): string => `vkc_${randomBytes(60).toString("base64url")}`;

function makeTokens(name: string, count: number): string[] {
  const ids = Array.from({ length: count }, newId);
  db.exec("BEGIN");
  for (const id of ids) insert.run(id, TEXT);
  db.exec("COMMIT");
  if (name === "introspect") return ids.map((id) => `${jwt(es256)}.${id}`);
  return name === "introspect_opaque" ? ids.map((id) => `${seal()}.${id}`) : ids;
}

await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
const address = http.address();
const port = typeof address === "object" && address ? address.port : 0;

answerQuestions({
  async material(name, seconds) {
    work = WORK[name];
    const { tokens_a_second = 0 } = SCENARIOS.find((each) => each.name === name) ?? {};
    return {
      port,
      client_id: "x".repeat(22),
      authorization: name === "refresh_public" ? null : `Basic ${"x".repeat(94)}`,
      cookie: `valetkey_session_${port}=${"x".repeat(66)}`,
      tokens: makeTokens(name, Math.ceil(tokens_a_second * seconds)),
    };
  },
  async close() {
    http.close();
    http.closeAllConnections();
    db.close();
  },
});
