/** Sessions without a person: a token, or credentials of the app itself, from environment variables. */
import { createPrivateKey } from "node:crypto";
import { AuthError, withHint } from "../../errors.ts";
import type { Tokens } from "../../tokens.ts";
import { type AccessToken, accessTokenOf, isFresh } from "../access_token.ts";
import { clientParty } from "../client_authentication.ts";
import { clientCredentials } from "../client_credentials.ts";
import type { Party } from "../party.ts";
import type { TokenOptions } from "../token_need.ts";
import { namesOf, senderOf, type TerminalOptions, wrong } from "./options.ts";
import { type Session, sessionOf } from "./session.ts";

/**
 * `APP_TOKEN`, else `APP_CLIENT_ID` with `APP_CLIENT_SECRET` or `APP_PRIVATE_KEY`.
 * @returns null when none of them is set
 * @throws AuthError `configuration`
 */
export async function environmentSession(options: TerminalOptions): Promise<Session | null> {
  const { prefix, app } = namesOf(options);
  const token = process.env[`${prefix}_TOKEN`];
  if (token) return withToken(token, { prefix, app, options });
  const clientId = process.env[`${prefix}_CLIENT_ID`];
  if (!clientId) {
    const half = ["CLIENT_SECRET", "PRIVATE_KEY"].find((each) => process.env[`${prefix}_${each}`]);
    if (half === undefined) return null;
    throw wrong(
      `${prefix}_${half} is set, and ${prefix}_CLIENT_ID is not`,
      `set the id of the client, too, or unset ${prefix}_${half}`,
    );
  }
  const party = await partyIn(prefix, clientId, options);
  return withCredentials(party, { prefix, options });
}

function withToken(
  token: string,
  { prefix, app, options }: { prefix: string; app: string; options: TerminalOptions },
): Session {
  const { issuer, fetch } = options;
  const name = `${prefix}_TOKEN`;
  return sessionOf({
    ...{ account: name, issuer, fetch, user: null },
    scope: [],
    isRenewable: () => false,
    async token({ refused }) {
      if (refused === undefined) return token;
      throw new AuthError("token_refused", `the token in ${name} was refused`, {
        hint: `set another one, or unset ${name} and run ${app} login`,
      });
    },
    signOut: () => Promise.reject(signedInBy(name)),
  });
}

async function partyIn(prefix: string, clientId: string, options: TerminalOptions): Promise<Party> {
  const client = { issuer: options.issuer, clientId, ...senderOf(options) };
  const { [`${prefix}_CLIENT_SECRET`]: secret, [`${prefix}_PRIVATE_KEY`]: pem } = process.env;
  if (secret) return clientParty({ ...client, clientSecret: secret });
  if (pem) return clientParty({ ...client, privateKey: await keyIn(pem, `${prefix}_PRIVATE_KEY`) });
  throw wrong(
    `${prefix}_CLIENT_ID is set, and neither ${prefix}_CLIENT_SECRET nor ${prefix}_PRIVATE_KEY is`,
    "set one of them, or unset the id",
  );
}

/** Algorithms by the type of a key. */
const ALGORITHMS: Readonly<Record<string, Parameters<SubtleCrypto["importKey"]>[2]>> = {
  "ec prime256v1": { name: "ECDSA", namedCurve: "P-256" },
  "ec secp384r1": { name: "ECDSA", namedCurve: "P-384" },
  "ec secp521r1": { name: "ECDSA", namedCurve: "P-521" },
  "rsa ": { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" },
  "ed25519 ": { name: "Ed25519" },
};

/** Variables of CI systems often have `\n` for a line break. */
async function keyIn(pem: string, variable: string): Promise<CryptoKey> {
  try {
    const key = createPrivateKey(pem.replaceAll("\\n", "\n"));
    const { namedCurve = "" } = key.asymmetricKeyDetails ?? {};
    const algorithm = ALGORITHMS[`${key.asymmetricKeyType} ${namedCurve}`];
    if (!algorithm) throw new Error(`keys of the type ${key.asymmetricKeyType} sign nothing here`);
    const der = new Uint8Array(key.export({ type: "pkcs8", format: "der" }));
    return await crypto.subtle.importKey("pkcs8", der, algorithm, false, ["sign"]);
  } catch {
    // Its message could show a part of the key.
    throw wrong(`${variable} is not a private key`, "set it to a key in PEM: EC, Ed25519 or RSA");
  }
}

function withCredentials(
  party: Party,
  { prefix, options }: { prefix: string; options: TerminalOptions },
): Session {
  const tokens = new Map<string, Promise<Tokens>>();
  const known = new Map<string, AccessToken>();
  const ask = (key: string, asked: TokenOptions): Promise<Tokens> => {
    const { scope = credentialsScope(options), resource = options.resource } = asked;
    const running =
      tokens.get(key) ??
      clientCredentials(party, {
        ...(scope !== undefined && { scope }),
        ...(resource !== undefined && { resource }),
      })
        .catch((error) => {
          throw inWordsOf(prefix, error);
        })
        .finally(() => tokens.delete(key));
    tokens.set(key, running);
    return running;
  };
  return sessionOf({
    ...{ account: party.client.client_id, issuer: party.issuer, user: null },
    fetch: options.fetch,
    scope: credentialsScope(options)?.split(" ") ?? [],
    isRenewable: () => true,
    async token({ refused, minimumLife, ...asked }) {
      const key = JSON.stringify([asked.resource, asked.scope]);
      const kept = known.get(key);
      if (kept && kept.access_token !== refused && isFresh(kept, minimumLife))
        return kept.access_token;
      const token = accessTokenOf(await ask(key, asked));
      known.set(key, token);
      return token.access_token;
    },
    signOut: () => Promise.reject(signedInBy(`${prefix}_CLIENT_ID`)),
  });
}

/** Credentials that the provider refuses (401): the person knows the variables, and not the options of the SDK. */
function inWordsOf(prefix: string, error: unknown): unknown {
  if (!(error instanceof AuthError) || error.status !== 401) return error;
  const proof = process.env[`${prefix}_CLIENT_SECRET`] ? "CLIENT_SECRET" : "PRIVATE_KEY";
  return withHint(
    error,
    `compare ${prefix}_CLIENT_ID and ${prefix}_${proof} with what the provider shows`,
  );
}

/** Scopes about a person mean nothing here. */
function credentialsScope({ scope }: TerminalOptions): string | undefined {
  const PERSONAL = new Set(["openid", "profile", "email", "address", "phone", "offline_access"]);
  const rest = scope?.split(" ").filter((each) => each !== "" && !PERSONAL.has(each)) ?? [];
  return rest.length > 0 ? rest.join(" ") : undefined;
}

const signedInBy = (name: string): AuthError =>
  wrong(`${name} is set: there is no session to end`, `unset ${name}`);
