/** What a browser posts after a ceremony with a passkey (WebAuthn Level 3 §5.1), as JSON in a field of a form. */
import { readJson } from "./passkey_rules.ts";

/** Characters of the whole field: an attestation without a certificate takes about 2,000. */
export const LONGEST_RESPONSE = 12_000;
/** A credential id has at most 1023 bytes (§4). */
const LONGEST_ID = 1364;

/** All members are BASE64URL. */
export interface Assertion {
  credential_id: string;
  client_data: string;
  authenticator_data: string;
  signature: string;
  /** Null: the authenticator named nobody. */
  user_handle: string | null;
}

export interface Attestation {
  credential_id: string;
  client_data: string;
  attestation_object: string;
  /** How the browser reaches the authenticator, such as `internal` or `usb`. */
  transports: string[];
}

/** Null: it is no assertion. */
export function readAssertion(text: string): Assertion | null {
  const { id, response } = readCredential(text);
  const client_data = bytesIn(response.clientDataJSON);
  const authenticator_data = bytesIn(response.authenticatorData);
  const signature = bytesIn(response.signature);
  if (!id || !client_data || !authenticator_data || !signature) return null;
  const user_handle = bytesIn(response.userHandle);
  return { credential_id: id, client_data, authenticator_data, signature, user_handle };
}

/** Null: it is no attestation. */
export function readAttestation(text: string): Attestation | null {
  const { id, response } = readCredential(text);
  const client_data = bytesIn(response.clientDataJSON);
  const attestation_object = bytesIn(response.attestationObject);
  if (!id || !client_data || !attestation_object) return null;
  const named: unknown[] = Array.isArray(response.transports) ? response.transports : [];
  const transports = named.filter(isTransport).slice(0, MOST_TRANSPORTS);
  return { credential_id: id, client_data, attestation_object, transports };
}

const MOST_TRANSPORTS = 8;
const isTransport = (value: unknown): value is string =>
  typeof value === "string" && /^[a-z-]{1,20}$/.test(value);

type Members = Readonly<Record<string, unknown>>;

function readCredential(text: string): { id: string | null; response: Members } {
  const credential = text.length > LONGEST_RESPONSE ? null : readJson(text);
  const id = bytesIn(credential?.id);
  const { response } = credential ?? {};
  const members = typeof response === "object" && response !== null ? { ...response } : {};
  return { id: id !== null && id.length <= LONGEST_ID ? id : null, response: members };
}

/** Only the canonical text of some bytes, so that one credential has one id. */
function bytesIn(value: unknown): string | null {
  if (typeof value !== "string" || value === "") return null;
  return Buffer.from(value, "base64url").toString("base64url") === value ? value : null;
}
