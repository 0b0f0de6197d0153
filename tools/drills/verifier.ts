/**
 * APIs, in a process of their own. Each checks tokens with the key set that its library caches. One uses jose, with a
 * set that it has cached from the start; one uses oauth4webapi.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from "jose";
import {
  allowInsecureRequests,
  discoveryRequest,
  processDiscoveryResponse,
  validateJwtAccessToken,
} from "oauth4webapi";
import { API } from "./seed.ts";

export interface Order {
  origin: string;
  authorization: string;
  /** Seconds after which a token is checked again. */
  wait: number;
  /** Whether an unknown key is looked up each time, instead of at most every 30 s. */
  look_up_at_once: boolean;
}

export interface Counts {
  verified: number;
  failed: number;
  late_failed: number;
  unexpected: number;
  keys_met: number;
  odd: string[];
}

type Verify = (token: string) => Promise<unknown>;

const counts: Counts = {
  verified: 0,
  failed: 0,
  late_failed: 0,
  unexpected: 0,
  keys_met: 0,
  odd: [],
};
const kids = new Set<string>();
let stopped = false;

process.on("message", (message: Order | "stop") => {
  if (message === "stop") {
    stopped = true;
    return;
  }
  work(message).then(
    () => process.send?.({ ...counts, keys_met: kids.size }),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
process.on("disconnect", () => process.exit());
// Waiting for an order keeps the process alive, independent of loaded modules.
process.channel?.ref();

async function work(order: Order): Promise<void> {
  const verifiers = [
    byJose(order),
    ...(order.look_up_at_once ? [] : [await byOauth4webapi(order)]),
  ];
  const later: { token: string; due: number }[] = [];
  while (!stopped) {
    const token = await newToken(order);
    if (token !== null) {
      kids.add(decodeProtectedHeader(token).kid ?? "");
      for (const verify of verifiers) await check(verify, token, "failed");
      later.push({ token, due: Date.now() + order.wait * 1000 });
    }
    for (let first = later[0]; first && first.due <= Date.now(); first = later[0]) {
      later.shift();
      for (const verify of verifiers) await check(verify, first.token, "late_failed");
    }
    await sleep(15);
  }
}

async function check(
  verify: Verify,
  token: string,
  figure: "failed" | "late_failed",
): Promise<void> {
  try {
    await verify(token);
    counts.verified += 1;
  } catch (error) {
    counts[figure] += 1;
    if (counts.odd.length < 10) counts.odd.push(`${figure}: ${error}`);
  }
}

function byJose({ origin, look_up_at_once }: Order): Verify {
  const keys = createRemoteJWKSet(new URL(`${origin}/jwks`), {
    ...(look_up_at_once && { cooldownDuration: 0 }),
  });
  return (token) => jwtVerify(token, keys, { issuer: origin, audience: API, typ: "at+jwt" });
}

async function byOauth4webapi({ origin }: Order): Promise<Verify> {
  const insecure = { [allowInsecureRequests]: true };
  const issuer = new URL(origin);
  const response = await discoveryRequest(issuer, insecure);
  const server = await processDiscoveryResponse(issuer, response);
  return (token) => {
    const headers = { authorization: `Bearer ${token}` };
    return validateJwtAccessToken(server, new Request(API, { headers }), API, insecure);
  };
}

async function newToken({ origin, authorization }: Order): Promise<string | null> {
  const body = new URLSearchParams({ grant_type: "client_credentials", scope: "photos.read" });
  const response = await fetch(`${origin}/token`, {
    method: "POST",
    headers: { authorization },
    body,
  });
  const text = await response.text();
  if (response.status === 200) return JSON.parse(text).access_token;
  counts.unexpected += 1;
  counts.odd.push(`token: ${response.status} ${text}`);
  return null;
}
