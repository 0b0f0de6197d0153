/** Signing keys: they are stored encrypted, published well before they sign, and retired after their last token. */
import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from "node:crypto";
import { promisify } from "node:util";
import type { JWK } from "jose";
import { sha256 } from "./hash.ts";
import type { JwtKey, SigningAlg } from "./jwt.ts";
import { type SealContext, seal, secretIdOf, unseal } from "./seal.ts";

export const SIGNING_ALGS: readonly SigningAlg[] = ["ES256", "RS256", "PS256", "EdDSA"];
/**
 * Algorithms whose first keys are made at the first start. Those of the others are made when a client asks for the key
 * set, or when they have to sign for the first time: an RSA key can take a quarter of a second.
 */
const ALGS_AT_START: readonly SigningAlg[] = ["ES256", "RS256"];

/** The algorithms that need a key: verifiers know that those with a withdrawn key are in use. */
export const algsInUse = (keys: readonly Pick<SigningKeyRecord, "alg">[]): SigningAlg[] =>
  SIGNING_ALGS.filter((alg) => ALGS_AT_START.includes(alg) || keys.some((key) => key.alg === alg));
/** Verifiers cache our keys: a new one is published this long (seconds) before it signs. */
export const PUBLISHED_BEFORE_SIGNING = 600;
/** A key signs for this long (seconds) before the schedule replaces it. */
export const ROTATION_PERIOD = 90 * 86_400;

/** A key as the store keeps it. Times in seconds. */
export interface SigningKeyRecord {
  kid: string;
  alg: SigningAlg;
  /** Public JWK, JSON. */
  public_jwk: string;
  /** Private JWK, sealed under the server's secret. */
  sealed_private_jwk: string;
  created_at: number;
  signs_at: number;
  /** Set when an operator withdrew it. */
  retired_at: number | null;
}

export interface SigningKey extends JwtKey {
  readonly public_jwk: JWK;
  readonly created_at: number;
  readonly signs_at: number;
  readonly retired_at: number | null;
}

const generate = promisify(generateKeyPair);
const rsa = () => generate("rsa", { modulusLength: 2048 });
const GENERATE: Readonly<Record<SigningAlg, () => Promise<{ privateKey: KeyObject }>>> = {
  ES256: () => generate("ec", { namedCurve: "P-256" }),
  RS256: rsa,
  PS256: rsa,
  EdDSA: () => generate("ed25519"),
};
type KeyContext = Pick<SealContext, "secrets">;
// Keys do not depend on epoch or issuer: a restored or renamed server goes on with its published keys.
const lasting = ({ secrets }: KeyContext): SealContext => ({ secrets, epoch: 0, issuer: "" });

type Times = { created_at: number; signs_at: number };

export async function makeSigningKey(
  alg: SigningAlg,
  times: Times,
  context: KeyContext,
): Promise<SigningKeyRecord> {
  const { privateKey } = await GENERATE[alg]();
  return signingKeyRecord({ alg, private_key: privateKey }, times, context);
}

/** The record of a private key, sealed. */
export function signingKeyRecord(
  { alg, private_key }: { alg: SigningAlg; private_key: KeyObject },
  times: Times,
  context: KeyContext,
): SigningKeyRecord {
  const public_jwk = createPublicKey(private_key).export({ format: "jwk" });
  const kid = thumbprint(public_jwk);
  const private_jwk = JSON.stringify(private_key.export({ format: "jwk" }));
  return {
    kid,
    alg,
    public_jwk: JSON.stringify({ ...public_jwk, kid, alg, use: "sig" }),
    sealed_private_jwk: seal(private_jwk, `signing_key ${kid}`, lasting(context), "signing_key"),
    ...times,
    retired_at: null,
  };
}

/** The id of the secret that sealed a key. */
export const sealedUnder = ({ sealed_private_jwk }: SigningKeyRecord): string =>
  secretIdOf(sealed_private_jwk);

/** Null when the key was sealed under an unknown secret. */
export function openSigningKey(record: SigningKeyRecord, context: KeyContext): SigningKey | null {
  const { kid, alg, sealed_private_jwk, created_at, signs_at, retired_at } = record;
  const text = unseal(sealed_private_jwk, `signing_key ${kid}`, lasting(context), "signing_key");
  if (text === null) return null;
  const private_key: KeyObject = createPrivateKey({ key: JSON.parse(text), format: "jwk" });
  return {
    kid,
    alg,
    private_key,
    public_key: createPublicKey(private_key),
    public_jwk: JSON.parse(record.public_jwk),
    created_at,
    signs_at,
    retired_at,
  };
}

/** The members that decide when a key signs and how long it is published. They are readable without opening the key. */
export type KeyTimes = Pick<SigningKeyRecord, "kid" | "alg" | "signs_at" | "retired_at">;

/**
 * The key that signs now: the newest of its algorithm whose time has come. If no time has come, the clock was set back,
 * and the earliest key is taken: it signed before that.
 */
export function signingKeyAt<K extends KeyTimes>(
  keys: readonly K[],
  alg: SigningAlg,
  now: number,
): K | null {
  const all = usable(keys, alg);
  return (
    all
      .filter(({ signs_at }) => signs_at <= now)
      .reduce<K | null>(
        (best, key) => (best && best.signs_at >= key.signs_at ? best : key),
        null,
      ) ??
    all.reduce<K | null>(
      (first, key) => (first && first.signs_at <= key.signs_at ? first : key),
      null,
    )
  );
}

/** There is no key of an algorithm yet: it has to be made before something is signed. */
export class NoSigningKey extends Error {
  override readonly name = "NoSigningKey";
  readonly alg: SigningAlg;
  constructor(alg: SigningAlg) {
    super(`no ${alg} signing key`);
    this.alg = alg;
  }
}

/** The key that signs now. @throws NoSigningKey */
export function keyToSign<K extends KeyTimes>(keys: readonly K[], alg: SigningAlg, now: number): K {
  const key = signingKeyAt(keys, alg, now);
  if (!key) throw new NoSigningKey(alg);
  return key;
}

/** All keys that a verifier may still need: until the last token that a key signed has expired. */
export function publishedKeys<K extends KeyTimes>(
  keys: readonly K[],
  now: number,
  longest_life: number,
): K[] {
  return SIGNING_ALGS.flatMap((alg) =>
    usable(keys, alg).filter((key) => replacedAt(key, keys) + longest_life > now),
  );
}

/** When the next key of its algorithm begins to sign; infinity when there is none. */
export function replacedAt(key: KeyTimes, keys: readonly KeyTimes[]): number {
  const later = usable(keys, key.alg).filter(
    ({ kid, signs_at }) => kid !== key.kid && signs_at > key.signs_at,
  );
  return Math.min(...later.map(({ signs_at }) => signs_at));
}

const usable = <K extends KeyTimes>(keys: readonly K[], alg: SigningAlg): K[] =>
  keys.filter((key) => key.alg === alg && key.retired_at === null);

/** RFC 7638 §3, RFC 8037 §2: SHA-256 of the required members in lexical order. Members that are undefined are left out. */
function thumbprint({ kty, crv, x, y, n, e }: JWK): string {
  return sha256(JSON.stringify(kty === "RSA" ? { e, kty, n } : { crv, kty, x, y }));
}
