/** Signatures, seals and handles. */
import { type Guard, guardsOf } from "./guard.ts";

export const cryptoGuards: readonly Guard[] = [
  ...guardsOf(
    "src/tokens/handle.ts",
    ["src/tokens/handle.test.ts", "test/properties/handles.test.ts"],
    {
      "a handle proves that we made it": [
        "return proof !== null && equalBytes(handle.proof, proof);",
        "return proof !== null;",
      ],
      "a code can't be turned into a refresh token": ["`${kind} ${epoch} ", "`${epoch} "],
      "a handle is for one generation": ["${generation} ${salt}", "${salt}"],
      "a handle needs the row that it is for": ["${generation} ${salt}", "${generation}"],
      "a handle is of the epoch of its grant": ["|| handle.epoch !== grant.epoch", ""],
    },
  ),
  ...guardsOf("src/crypto/jwt.ts", ["src/crypto/jwt.test.ts", "test/security/jose.test.ts"], {
    "a signature is verified": [
      "if (!VERIFY[key.alg](Buffer.from(`${head}.${body}`), key.public_key, bytes)) return null;",
      "",
    ],
    "a header is the one that this key has for this kind of token": [
      "keys.find((each) => headerFor(each, typ) === head)",
      "keys[0]",
    ],
    "a signature has one spelling": [
      'if (bytes.toString("base64url") !== signature) return null;',
      "",
    ],
  }),
  ...guardsOf("src/crypto/seal.ts", ["src/crypto/seal.test.ts"], {
    "a sealed value is for one purpose": [
      "Buffer.concat([head, Buffer.from(`${issuer} ${purpose}`)])",
      "Buffer.concat([head, Buffer.from(`${issuer} ${typeof purpose}`)])",
    ],
    "a sealed value is for one issuer": [
      "Buffer.concat([head, Buffer.from(`${issuer} ${purpose}`)])",
      "Buffer.concat([head, Buffer.from(`${typeof issuer} ${purpose}`)])",
    ],
    "a sealed value has one spelling": [' || bytes.toString("base64url") !== sealed', ""],
    "a value that was sealed before a restore is not opened": [
      "if (!keys || head.readUInt32BE(4) !== epoch) return null;",
      "if (!keys) return null;",
    ],
  }),
  ...guardsOf("src/crypto/server_secret.ts", ["src/crypto/server_secret.test.ts"], {
    "a short secret is refused": [" || bytes.length < 32", ""],
  }),
  ...guardsOf(
    "src/crypto/signing_key.ts",
    ["src/crypto/signing_key.test.ts", "test/flows/signing_keys.test.ts"],
    {
      "a key signs when it has been published long enough": [
        ".filter(({ signs_at }) => signs_at <= now)",
        "",
      ],
      "a key is published until its last token has expired": [
        "replacedAt(key, keys) + longest_life > now",
        "replacedAt(key, keys) > now",
      ],
      "a withdrawn key is not published": [
        "key.alg === alg && key.retired_at === null",
        "key.alg === alg",
      ],
    },
  ),
  ...guardsOf(
    "src/keys/keyring.ts",
    ["src/keys/keyring.test.ts", "test/flows/signing_keys.test.ts"],
    {
      "a signature of a withdrawn key is not accepted": [
        "found.filter(({ retired_at }) => retired_at === null)",
        "found",
      ],
      "keys that can't be opened are not replaced in silence": [
        "if (same.length > 0 && keys.length === 0)",
        "if (false)",
      ],
    },
  ),
  ...guardsOf("src/oauth/json.ts", ["src/oauth/json.test.ts"], {
    "JSON says each thing once": [
      'if (seen?.has(key)) throw new AmbiguousJson("JSON repeats a key");',
      "",
    ],
    "JSON is not nested without end": ["if (open.length > DEEPEST)", "if (false)"],
    "JSON names no prototype": ['if (key === "__proto__")', "if (false)"],
  }),
  ...guardsOf("src/crypto/probe.ts", ["src/crypto/probe.test.ts", "test/flows/probe.test.ts"], {
    "only holders of the secret learn how the server sees a request": [
      "return equalSecrets(text, signed(keys, time));",
      "return true;",
    ],
    "such a question holds for minutes": [" || Math.abs(Number(time) - now) > HOLDS", ""],
  }),
  ...guardsOf("src/endpoints/probe.ts", ["test/flows/probe.test.ts"], {
    "nobody else is told what the server sees": [
      'if (!isGenuineProbe(request.header(PROBE_HEADER) ?? "", ctx))',
      "if (false)",
    ],
  }),
];
