/** A refusal that an operator can lift names the command in the log. Each is run here as it is logged. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, test } from "node:test";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { type Result, type Running, workplace } from "./cli.ts";

const REDIRECT_URI = "https://app.test/cb";
const API = "https://api.test";
const place = workplace();
let running: Running;
let keys: Awaited<ReturnType<typeof newKeys>>;
before(async () => {
  const resources = { [API]: { name: "API", scopes: ["read"] }, "https://b.test": { name: "B" } };
  const scopes = { read: "Read", write: "Write" };
  place.write("config.json", JSON.stringify({ scopes, resources }));
  running = await place.start(["--port", "0", "--config", "config.json"]);
  keys = await newKeys();
});
after(async () => {
  commands?.kill();
  await place.remove();
});

let commands: ChildProcess | undefined;
const results: ((result: Result) => void)[] = [];

/** Runs a command; each gets the next result. */
function run(args: readonly string[]): Promise<Result> {
  commands ??= startCommands();
  commands.stdin?.write(`${JSON.stringify(args)}\n`);
  return new Promise((resolve) => results.push(resolve));
}

function startCommands(): ChildProcess {
  const child = spawn(process.execPath, [resolve("test/cli/command_process.ts")], {
    cwd: place.folder,
    env: { PATH: process.env.PATH, HOME: place.folder },
    stdio: ["pipe", "pipe", "inherit"],
  });
  createInterface({ input: child.stdout }).on("line", (line) =>
    results.shift()?.(JSON.parse(line)),
  );
  return child;
}

interface Case {
  /** Arguments of `client add`. */
  add: string[];
  /** A command that is run first. */
  first?: string;
  /** The request that is refused. The secret is the one that the client has by then. */
  ask(client: { client_id: string; client_secret?: string }): Promise<Response>;
  /** For the place in a hint that the operator fills in. */
  fill?: string;
}

const authorize = (client_id: string, more: Record<string, string> = {}): Promise<Response> => {
  const request = { client_id, response_type: "code", scope: "openid", redirect_uri: REDIRECT_URI };
  const query = new URLSearchParams({ ...request, ...PKCE, ...more });
  return fetch(`${running.issuer}/authorize?${query}`, { redirect: "manual" });
};
const PKCE = { code_challenge: "A".repeat(43), code_challenge_method: "S256" };
const post = (path: string, body: Record<string, string | undefined>): Promise<Response> =>
  fetch(`${running.issuer}${path}`, {
    method: "POST",
    body: new URLSearchParams(JSON.parse(JSON.stringify(body))),
  });
const own = { grant_type: "client_credentials" };
const web = ["--redirect-uri", REDIRECT_URI];

const CASES: Record<string, Case> = {
  "a redirect URI that is not registered": {
    add: ["--redirect-uri", "https://old.test/cb"],
    ask: ({ client_id }) => authorize(client_id),
    fill: REDIRECT_URI,
  },
  "a client that is not registered for the code flow": {
    add: [...web, "--grant-type", "client_credentials"],
    ask: ({ client_id }) => authorize(client_id),
  },
  "a request without PKCE": {
    add: web,
    ask: ({ client_id }) => {
      const query = new URLSearchParams({ client_id, response_type: "code", scope: "openid" });
      query.set("redirect_uri", REDIRECT_URI);
      return fetch(`${running.issuer}/authorize?${query}`, { redirect: "manual" });
    },
  },
  "an API that the client may not ask for": {
    add: [...web, "--may-ask", "https://b.test"],
    ask: ({ client_id }) => authorize(client_id, { resource: API }),
    fill: API,
  },
  "a scope that the client may not ask for": {
    add: [...web, "--scope", "openid"],
    ask: ({ client_id }) => authorize(client_id, { scope: "write" }),
  },
  "a disabled client on a page": {
    add: web,
    first: "client disable",
    ask: ({ client_id }) => authorize(client_id),
  },
  "a disabled client at the token endpoint": {
    add: [],
    first: "client disable",
    ask: (client) => post("/token", { ...own, ...client }),
  },
  "a grant type that the client is not registered for": {
    add: web,
    ask: (client) => post("/token", { ...own, ...client }),
  },
  "the same for a client without a secret": {
    add: [...web, "--native"],
    ask: (client) => post("/token", { ...own, ...client }),
  },
  "a device that is not registered for its grant": {
    add: web,
    ask: (client) => post("/device_authorization", { ...client, scope: "openid" }),
  },
  "an API that a service may not ask for": {
    add: ["--may-ask", "https://b.test"],
    ask: (client) => post("/token", { ...own, ...client, resource: API }),
    fill: API,
  },
  "a scope that a service may not ask for": {
    add: ["--scope", "read"],
    ask: (client) => post("/token", { ...own, ...client, scope: "write" }),
  },
  "a secret of a client that has none": {
    add: [...web, "--native"],
    ask: ({ client_id, client_secret = "s" }) =>
      post("/token", { ...own, client_id, client_secret }),
  },
  "no secret of a client that has one": {
    add: web,
    ask: ({ client_id }) => post("/token", { grant_type: "refresh_token", client_id }),
  },
  "an assertion of a client that has a secret": {
    add: [],
    ask: async ({ client_id }) => post("/token", { ...own, ...(await keys.proof(client_id)) }),
    fill: "jwks.json",
  },
  "a wrong secret": {
    add: [],
    ask: ({ client_id, client_secret = "" }) =>
      post("/token", {
        ...own,
        client_id,
        client_secret: fresh.get(client_id) ?? client_secret + 1,
      }),
  },
};
/** Secrets that a hint's command printed. */
const fresh = new Map<string, string>();

async function newKeys() {
  const { privateKey, publicKey } = await generateKeyPair("ES256");
  place.write("jwks.json", JSON.stringify({ keys: [await exportJWK(publicKey)] }));
  return {
    proof: async (client_id: string) => ({
      client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      client_assertion: await new SignJWT({ jti: crypto.randomUUID() })
        .setProtectedHeader({ alg: "ES256" })
        .setIssuer(client_id)
        .setSubject(client_id)
        .setAudience(running.issuer)
        .setIssuedAt()
        .setExpirationTime("1m")
        .sign(privateKey),
    }),
  };
}

/** The refusals of a client in the log. */
const refusals = (client_id: string): { why: string; hint?: string }[] =>
  running.said.stdout
    .split("\n")
    .filter((line) => line.includes("refused") && line.includes(client_id))
    .map((line) => JSON.parse(line));

/** The status and the description of the error, from the body or the redirect. */
async function outcomeOf(response: Response): Promise<string> {
  const location = response.headers.get("location") ?? "";
  const told = /"error_description":"([^"]*)"|error_description=([^&]*)/;
  const [, body, query] = told.exec(location || (await response.text())) ?? [];
  return `${response.status} ${body ?? query ?? ""}`;
}

/** Tries until the other process has noticed a change, and the log is written. */
async function until<T>(look: () => Promise<T | null>): Promise<T> {
  for (let tries = 0; tries < 40; tries += 1) {
    const found = await look();
    if (found !== null) return found;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return assert.fail("nothing has changed");
}

/** The command inside a hint, with the operator's part filled in. */
function commandIn(hint: string, fill = ""): string[] {
  const [, command = ""] = /(valetkey .*?)(?:, once for each .*)?$/.exec(hint) ?? [];
  const filled = command.replace(/…|FILE$/, fill);
  return [...filled.matchAll(/"([^"]*)"|(\S+)/g)]
    .map(([, quoted, word]) => quoted ?? word ?? "")
    .slice(1);
}

describe("the command of a hint lifts the refusal of", { concurrency: 8 }, () => {
  for (const [what, each] of Object.entries(CASES)) test(what, () => lifts(each));
});

test("no hint gives a secret to a client that every installed copy uses", async () => {
  const made = await run(["client", "add", "--name", "Tool", "--native", "--json", ...web]);
  const { client_id } = JSON.parse(made.stdout);
  const asks = [
    () => post("/token", { ...own, client_id }),
    () => post("/token", { ...own, client_id, client_secret: "s" }),
    async () => post("/token", { ...own, ...(await keys.proof(client_id)) }),
  ];
  for (const ask of asks) {
    const before = refusals(client_id).length;
    const hint = await until<string>(async () => {
      await ask();
      const refusal = refusals(client_id).slice(before).at(-1);
      return refusal && refusal.hint !== "valetkey client list" ? (refusal.hint ?? "") : null;
    });
    assert.match(hint, /is public .*a client of its own: valetkey client add --name NAME$/);
    assert.ok(!hint.includes("update"), hint);
  }
});

async function lifts({ add, first, ask, fill }: Case): Promise<void> {
  const made = await run(["client", "add", "--name", "App", "--json", ...add]);
  const { client_id, client_secret } = JSON.parse(made.stdout);
  const client = { client_id, client_secret };
  if (first) await run([...first.split(" "), client_id]);
  const refused = await until(async () => {
    const outcome = await outcomeOf(await ask(client));
    const refusal = refusals(client_id).at(-1);
    // Until the server has noticed the new client, it is unknown.
    return refusal && refusal.hint !== "valetkey client list" ? { outcome, refusal } : null;
  });
  const { hint } = refused.refusal;
  assert.ok(hint, `${JSON.stringify(refused)} has a hint`);

  const { code, stdout, stderr } = await run(commandIn(hint, fill));
  assert.equal(code, 0, `${hint}: ${stderr}`);
  const [secret] = /vks_\S+/.exec(stdout) ?? [];
  if (secret) fresh.set(client_id, secret);
  // A client of its own, where the hint adds one.
  const [, added = String(client_id)] = /^client_id +(\S+)$/m.exec(stdout) ?? [];
  const later = { client_id: added, ...(secret && { client_secret: secret }) };
  await until(async () => {
    const outcome = await outcomeOf(await ask({ ...client, ...later }));
    return outcome === refused.outcome ? null : outcome;
  });
}
