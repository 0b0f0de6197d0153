/** Looks into the list of ended access tokens. */
import { decodeJwt, decodeProtectedHeader } from "jose";
import { sha256 } from "../../src/crypto/hash.ts";
import { NAME_BYTES, namesOf, RACING } from "../../src/oauth/ended.ts";
import { END_KINDS, type EndKind } from "../../src/store/ended_tokens.ts";
import type { Store } from "../../src/store/store.ts";
import type { TestServer } from "./server.ts";

/** Every name that the database lists. */
export async function listedNames(
  store: Pick<Store, "listEnded">,
  kinds: readonly EndKind[] = END_KINDS,
): Promise<string[]> {
  const all = { from: 0, to: Number.MAX_SAFE_INTEGER };
  const lists = kinds.map((kind) => store.listEnded({ kind, ...all }, { limit: 100_000 }));
  return (await Promise.all(lists)).flat().map(({ name }) => name);
}

/** Whether a JWT has a name that is listed. The time does not count: a database has its own clock. */
export async function isListed({ server }: TestServer, token: string): Promise<boolean> {
  const { always, earlier } = namesOf(decodeJwt(token), decodeProtectedHeader(token).kid ?? "");
  const listed = new Set(await listedNames(server.store));
  return [...always, ...earlier].some((name) => listed.has(name));
}

/** An answer of the endpoint. */
export interface List {
  now: number;
  window: number;
  after: number;
  ended: [seconds: number, hashes: string][];
  next?: number;
}

/** The hashes of an answer, each with its time. */
export const hashesIn = ({ after, ended }: List): { ended_at: number; hash: string }[] =>
  ended.flatMap(([seconds, hashes]) => {
    const bytes = Buffer.from(hashes, "base64url");
    return Array.from({ length: bytes.length / NAME_BYTES }, (_, i) => ({
      ended_at: after + seconds,
      hash: bytes.toString("hex", i * NAME_BYTES, (i + 1) * NAME_BYTES),
    }));
  });

/** Whether a JWT has ended by this list. */
export function isEnded(token: string, list: List): boolean {
  const claims = decodeJwt(token);
  const { always, earlier } = namesOf(claims, decodeProtectedHeader(token).kid ?? "");
  const iat = claims.iat ?? 0;
  const listed = hashesIn(list);
  const times = (names: readonly string[]): number[] => {
    const hashes = names.map((name) =>
      Buffer.from(sha256(name), "base64url").toString("hex", 0, NAME_BYTES),
    );
    return listed.filter(({ hash }) => hashes.includes(hash)).map(({ ended_at }) => ended_at);
  };
  return times(always).length > 0 || times(earlier).some((ended_at) => iat < ended_at + RACING);
}
