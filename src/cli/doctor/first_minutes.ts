/** The first requests of each kind of client, as far as they go without a person. Nothing is stored by them. */
import type { Ask, Question, Reply } from "./ask.ts";
import { NOBODY } from "./collect.ts";

/** An address for documentation (RFC 5737): the server refuses to fetch from there, and sends nothing. */
export const DOCUMENT_HOST = "192.0.2.1";
const DOCUMENT = `https://${DOCUMENT_HOST}/oauth/client.json`;
/** Fifty characters that a client may send, and wants back. */
export const STATE = "doctor-._~-0123456789-abcdefghijklmnopqrstuvwxyz-A";
const CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
/** Nobody may register it. */
const BAD_REDIRECT = "https://doctor.invalid/callback#fragment";

/** A registered client, and one of its redirect URIs. */
export interface KnownClient {
  client_id: string;
  redirect_uri: string;
}

export interface FirstMinutes {
  /** A silent request of a registered client, which is answered at its redirect URI; null: no client is known. */
  readonly registered: { client: KnownClient; reply: Reply } | null;
  /** The URL of a document as client id. */
  readonly document: Reply;
  /** A registration that has to be refused; null: it is not offered. */
  readonly registration: Reply | null;
  /** The page where people enter the code of a device. */
  readonly device: Reply;
  /** A well-known address that clients try, and that is not there. */
  readonly unknown: Reply;
}

interface Playing {
  issuer: string;
  metadata: Readonly<Record<string, unknown>> | null;
  client: KnownClient | null;
  ask: Ask;
}

export async function playClients({
  issuer,
  metadata,
  client,
  ask,
}: Playing): Promise<FirstMinutes> {
  const { registration_endpoint } = metadata ?? {};
  const [registered, document, registration, device, unknown] = await Promise.all([
    client && ask(authorizeUrl(issuer, { ...client, prompt: "none" })),
    ask(authorizeUrl(issuer, { client_id: DOCUMENT, redirect_uri: "http://localhost/callback" })),
    typeof registration_endpoint === "string" ? ask(registration_endpoint, REGISTERING) : null,
    ask(`${issuer}/device`),
    ask(`${new URL(issuer).origin}/.well-known/oauth-protected-resource/${NOBODY}`, SCRIPT),
  ]);
  const known = client && registered && { client, reply: registered };
  return { registered: known, document, registration, device, unknown };
}

const SCRIPT: Question = { headers: { origin: "https://doctor.invalid" } };
const REGISTERING: Question = {
  method: "POST",
  headers: { ...SCRIPT.headers, "content-type": "application/json" },
  body: JSON.stringify({ client_name: NOBODY, redirect_uris: [BAD_REDIRECT] }),
};

function authorizeUrl(issuer: string, parameters: Record<string, string>): string {
  const query = new URLSearchParams({
    ...{ response_type: "code", state: STATE, ...parameters },
    ...{ code_challenge: CHALLENGE, code_challenge_method: "S256" },
  });
  return `${issuer}/authorize?${query}`;
}
