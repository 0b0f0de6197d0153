/** An authenticator in software, for tests without a browser (WebAuthn Level 3 §6). Its answers can be bent. */
import {
  createHash,
  createSign,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
} from "node:crypto";

const sha256 = (data: string | Buffer): Buffer => createHash("sha256").update(data).digest();

export interface Bent {
  origin?: string;
  type?: string;
  challenge?: string;
  rp_id?: string;
  crossOrigin?: boolean;
  topOrigin?: string;
  user_handle?: string | null;
  /** Flags: user present, user verified, backup eligible, backed up. */
  up?: boolean;
  uv?: boolean;
  be?: boolean;
  bs?: boolean;
  sign_count?: number;
  /** Signs with another key. */
  wrong_key?: boolean;
}

export interface Passkey {
  /** BASE64URL */
  id: string;
  user_handle: string;
  rp_id: string;
  key: KeyObject;
  sign_count: number;
  /** Whether it is synced; its counter stays 0 then. */
  synced: boolean;
}

/** The value of the field `credential` of a form. */
export interface Authenticator {
  /** @param options the page's `data-options` */
  create(options: string, bent?: Bent): { passkey: Passkey; credential: string };
  get(options: string, passkey: Passkey, bent?: Bent): string;
}

/** @param origin of the pages */
export function authenticator(origin: string, { synced = true } = {}): Authenticator {
  function clientData(type: string, challenge: string, bent: Bent): Buffer {
    const { crossOrigin = false, topOrigin } = bent;
    const data = {
      ...{ type: bent.type ?? type, challenge: bent.challenge ?? challenge },
      ...{ origin: bent.origin ?? origin, crossOrigin },
      ...(topOrigin !== undefined && { topOrigin }),
    };
    return Buffer.from(JSON.stringify(data));
  }

  return {
    create(options, bent = {}) {
      const { challenge, rp, user } = JSON.parse(options);
      const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
      const id = randomBytes(16);
      const rp_id = bent.rp_id ?? rp.id;
      const data = authenticatorData(rp_id, { be: synced, bs: synced, ...bent }, 0, {
        id,
        cose: coseKey(publicKey),
      });
      const attestation = cbor({ fmt: "none", attStmt: {}, authData: data });
      const text = id.toString("base64url");
      const passkey: Passkey = {
        ...{ id: text, user_handle: user.id, rp_id: rp.id, key: privateKey },
        ...{ sign_count: 0, synced },
      };
      const response = {
        clientDataJSON: clientData("webauthn.create", challenge, bent).toString("base64url"),
        attestationObject: attestation.toString("base64url"),
        transports: ["internal", "hybrid"],
      };
      return { passkey, credential: JSON.stringify({ id: text, response }) };
    },

    get(options, passkey, bent = {}) {
      const { challenge, rpId } = JSON.parse(options);
      passkey.sign_count += passkey.synced ? 0 : 1;
      const flags = { be: passkey.synced, bs: passkey.synced, ...bent };
      const data = authenticatorData(bent.rp_id ?? rpId, flags, passkey.sign_count);
      const client_data = clientData("webauthn.get", challenge, bent);
      const signed = Buffer.concat([data, sha256(client_data)]);
      const other = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
      const key = bent.wrong_key ? other : passkey.key;
      const handle = bent.user_handle === undefined ? passkey.user_handle : bent.user_handle;
      const response = {
        clientDataJSON: client_data.toString("base64url"),
        authenticatorData: data.toString("base64url"),
        signature: createSign("sha256").update(signed).sign(key).toString("base64url"),
        ...(handle !== null && { userHandle: handle }),
      };
      return JSON.stringify({ id: passkey.id, response });
    },
  };
}

function authenticatorData(
  rp_id: string,
  { up = true, uv = true, be = false, bs = false, sign_count }: Bent,
  counter: number,
  attested?: { id: Buffer; cose: Buffer },
): Buffer {
  const bits = [up, false, uv, be, bs, false, attested !== undefined];
  const flags = bits.reduce((sum, on, bit) => sum | (on ? 1 << bit : 0), 0);
  const head = Buffer.alloc(5);
  head.writeUInt8(flags, 0);
  head.writeUInt32BE(sign_count ?? counter, 1);
  const parts = [sha256(rp_id), head];
  if (attested) {
    const length = Buffer.alloc(2);
    length.writeUInt16BE(attested.id.length);
    parts.push(Buffer.alloc(16), length, attested.id, attested.cose);
  }
  return Buffer.concat(parts);
}

/** ES256 (RFC 9053 §2.1). */
function coseKey(key: KeyObject): Buffer {
  const { x = "", y = "" } = key.export({ format: "jwk" });
  const bytes = (text: string) => Buffer.from(text, "base64url");
  return cbor(
    new Map<number, number | Buffer>([
      ...([
        [1, 2],
        [3, -7],
        [-1, 1],
      ] as const),
      [-2, bytes(x)],
      [-3, bytes(y)],
    ]),
  );
}

type Cbor = number | string | Buffer | Map<number, Cbor> | { [name: string]: Cbor };

/** As much of CBOR as an attestation needs (RFC 8949 §3). */
function cbor(value: Cbor): Buffer {
  if (typeof value === "number") return value < 0 ? head(1, -1 - value) : head(0, value);
  if (typeof value === "string")
    return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value]);
  const entries: [Cbor, Cbor][] = value instanceof Map ? [...value] : Object.entries(value);
  return Buffer.concat([
    head(5, entries.length),
    ...entries.flatMap(([key, each]) => [cbor(key), cbor(each)]),
  ]);
}

function head(major: number, value: number): Buffer {
  const type = major << 5;
  if (value < 24) return Buffer.from([type | value]);
  if (value < 256) return Buffer.from([type | 24, value]);
  const long = Buffer.alloc(3);
  long.writeUInt8(type | 25, 0);
  long.writeUInt16BE(value, 1);
  return long;
}
