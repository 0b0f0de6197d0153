/** An API that checks access tokens: by `valetkey/resource-server`, by jose, and by a bare `node:crypto`. */
import { createPublicKey, generateKeyPairSync, randomUUID, sign, verify } from "node:crypto";
import { createServer } from "node:http";
import { createLocalJWKSet, jwtVerify } from "jose";
import { protect } from "../../../src/sdk/resource_server/protect.ts";
import { endWithParent } from "../child.ts";
import type { Verified, Way } from "./verifier_ways.ts";

const AUDIENCE = "https://snaps.example/api";
/** Names that have ended, as in the row of the server's list. */
const ENDED = 76;
/** Tokens between two looks at the clock. */
const STEP = 100;

const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const jwk = { ...publicKey.export({ format: "jwk" }), kid: "1", alg: "ES256", use: "sig" };
const http = createServer(({ url = "" }, response) => {
  const now = Math.floor(Date.now() / 1000);
  const hashes = Buffer.alloc(ENDED * 8, 7).toString("base64url");
  const bodies: Record<string, object> = {
    "/.well-known/oauth-authorization-server": {
      ...{ issuer, jwks_uri: `${issuer}/jwks`, valetkey_ended_endpoint: `${issuer}/ended` },
    },
    "/jwks": { keys: [jwk] },
    "/ended": { now, window: 660, after: now - 660, ended: [[9, hashes]] },
  };
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify(bodies[url.split("?")[0] ?? ""] ?? {}));
});
await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
const address = http.address();
const issuer = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
const guard = protect({ issuer, audience: AUDIENCE });
const jwks = createLocalJWKSet({ keys: [jwk] });
const key = createPublicKey(publicKey.export({ format: "pem", type: "spki" }));

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const HEAD = encode({ alg: "ES256", typ: "at+jwt", kid: "1" });

/** As Valetkey makes it. */
function token(): string {
  const now = Math.floor(Date.now() / 1000);
  const body = encode({
    ...{ iss: issuer, sub: randomUUID(), aud: AUDIENCE, client_id: randomUUID() },
    ...{ exp: now + 600, iat: now, jti: randomUUID(), scope: "photos.read", auth_time: now },
    ...{ acr: "urn:valetkey:single", grant_id: randomUUID(), access_epoch: 0 },
  });
  const signed = `${HEAD}.${body}`;
  const signature = sign("sha256", Buffer.from(signed), {
    key: privateKey,
    dsaEncoding: "ieee-p1363",
  });
  return `${signed}.${signature.toString("base64url")}`;
}

function bare(text: string): void {
  const end = text.lastIndexOf(".");
  const signature = Buffer.from(text.slice(end + 1), "base64url");
  const signed = Buffer.from(text.slice(0, end));
  if (!verify("sha256", signed, { key, dsaEncoding: "ieee-p1363" }, signature))
    throw new Error("the signature is wrong");
  JSON.parse(Buffer.from(text.slice(text.indexOf(".") + 1, end), "base64url").toString());
}

const known = token();
const CHECKS: Readonly<Record<Way, (text: string) => unknown>> = {
  "known token": () => guard.verify(known),
  "new tokens": (text) => guard.verify(text),
  "new tokens, jose": (text) =>
    jwtVerify(text, jwks, { issuer, audience: AUDIENCE, typ: "at+jwt" }),
  "new tokens, node:crypto": bare,
};

process.on("message", async ({ way, seconds }: { way: Way; seconds: number }) => {
  const check = CHECKS[way];
  const is_new = way !== "known token";
  const done: Verified = { tokens: 0, seconds: 0, cpu_us: 0 };
  while (done.seconds < seconds) {
    // Making a token takes longer than checking it, and does not count.
    const texts = Array.from({ length: STEP }, () => (is_new ? token() : known));
    const before = process.cpuUsage();
    const began = performance.now();
    for (const text of texts) await check(text);
    done.seconds += (performance.now() - began) / 1000;
    const { user, system } = process.cpuUsage(before);
    done.cpu_us += user + system;
    done.tokens += STEP;
  }
  process.send?.(done);
});
endWithParent(async () => {
  http.close();
  http.closeAllConnections();
});
