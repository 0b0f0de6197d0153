/** The published keys of a server. */
import { setTimeout as sleep } from "node:timers/promises";
import type { JSONWebKeySet } from "jose";
import { SIGNING_ALGS } from "../../src/crypto/signing_key.ts";
import { at, type Reachable } from "./browser.ts";

export async function keySet(server: Reachable): Promise<JSONWebKeySet> {
  return JSON.parse(await (await server.fetch(new Request(at(server, "/jwks")))).text());
}

/** Waits for the job that makes the first key of each algorithm right after the start. */
export async function completeKeySet(server: Reachable): Promise<JSONWebKeySet> {
  for (;;) {
    const set = await keySet(server);
    if (SIGNING_ALGS.every((alg) => set.keys.some((key) => key.alg === alg))) return set;
    await sleep(20);
  }
}
