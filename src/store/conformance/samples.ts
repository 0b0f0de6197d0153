/** Records for the conformance tests, with every kind of value; each id is new. */
import { randomText, uuidv7 } from "../../crypto/hash.ts";
import type { SigningKeyRecord } from "../../crypto/signing_key.ts";
import type { AuditRecord } from "../audit.ts";
import type { PasskeyRecord, RecoveryCodeRecord, TotpRecord } from "../factor_store.ts";
import { placeOf, withPlace } from "../place.ts";
import type {
  AccountRecord,
  ClientRecord,
  ClientSessionRecord,
  ConsentRecord,
  GrantRecord,
  InitialAccessToken,
  JobRecord,
  LogoRecord,
  SessionRecord,
  StoredTransaction,
} from "../records.ts";

/** The moment at which the tests begin: after 2038, where 32 bits are not enough. */
export const START = 2_200_000_000;

/** Lifetimes in seconds that a store under test must be opened with. */
export const CONFORMANCE_LIFETIMES = {
  authorization_request: 3600,
  refresh_token_idle: 2_592_000,
} as const;

/** How long a request may come back, with the slack that the sweep allows. */
export const REQUEST_OVER = CONFORMANCE_LIFETIMES.authorization_request + 120;

const ISSUER = "https://as.example";
const SNAPS = "https://snaps.example/api";

export const newId = (): string => uuidv7(START * 1000);

export function sampleGrant(given: Partial<GrantRecord> = {}): GrantRecord {
  const created_at = given.created_at ?? START;
  const sub = given.sub ?? "ada";
  return {
    grant_id: withPlace(newId(), sub),
    client_id: "printly",
    sub,
    session_id: null,
    sid: "session of Ada",
    permissions: [`${ISSUER} openid`, `${SNAPS} photos.read`],
    claims: { userinfo: ["name"], id_token: ["https://x.example/röle"] },
    left_out: ["photos.write"],
    salt: randomText(16),
    secret_id: "0badcafe",
    replaced_key: null,
    epoch: 1,
    generation: 0,
    advanced_at: created_at,
    used_at: created_at,
    code: {
      code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
      redirect_uri: "https://printly.example/callback?registered=query&so=it%20is",
      redirect_uri_sent: true,
      nonce: `a 'nonce' with "quotes", \u{1f511} and \\`,
    },
    proofs: [{ kind: "pwd", at: created_at - 5 }],
    snapshot: null,
    access_epoch: 0,
    code_expires_at: created_at + 60,
    created_at,
    expires_at: created_at + 31_536_000,
    revoked_at: null,
    check_at: created_at + REQUEST_OVER,
    ...given,
  };
}

export function sampleConsent(given: Partial<ConsentRecord> = {}): ConsentRecord {
  return {
    sub: "ada",
    client_id: "printly",
    agreed: [`${ISSUER} openid`, `${SNAPS} photos.read`],
    refused: [`${SNAPS} photos.write`],
    waived: ["https://prints.example/api"],
    seen: null,
    version: randomText(9),
    since: START,
    used_at: START,
    ...given,
  };
}

export function sampleTransaction(given: Partial<StoredTransaction> = {}): StoredTransaction {
  return {
    id: randomText(16),
    kind: "device",
    client_id: "printly",
    sub: null,
    sealed: "sealed",
    state: "pending",
    next_poll_at: START * 1000,
    poll_interval: 5,
    expires_at: START + 600,
    ...given,
  };
}

export function sampleSession(given: Partial<SessionRecord> = {}): SessionRecord {
  const sub = given.sub ?? "ada";
  return {
    session_id: withPlace(randomText(16), sub),
    secret_hash: randomText(32),
    sub,
    proofs: [
      { kind: "upstream", at: START, provider: "work", amr: ["pwd"] },
      { kind: "totp", at: START + 5 },
    ],
    signed_in_for: newId(),
    user_agent: `Browser/1.0 ('; DROP TABLE session; --) \u202e`,
    network: "203.0.113.0/24",
    created_at: START,
    seen_at: START,
    expires_at: START + 2_592_000,
    ...given,
  };
}

export function sampleClientSession(given: Partial<ClientSessionRecord> = {}): ClientSessionRecord {
  const sub = given.sub ?? "ada";
  return {
    session_id: withPlace(randomText(16), sub),
    client_id: "printly",
    sub,
    sent_sub: "ada at printly",
    sent_sid: randomText(32),
    check_at: START + 600,
    ...given,
  };
}

export const sampleLogo = (given: Partial<LogoRecord> = {}): LogoRecord => ({
  client_id: "printly",
  hash: "hash of the picture",
  media_type: "image/png",
  picture: "iVBORw0KGgo=",
  fetched_at: START,
  ...given,
});

export const sampleInitialAccessToken = (
  given: Partial<InitialAccessToken> = {},
): InitialAccessToken => ({
  token_id: newId().slice(0, 12) + randomText(3),
  hash: randomText(32),
  note: "for the print shop's developers",
  uses_left: 1,
  created_at: START,
  expires_at: START + 86_400,
  ...given,
});

export function sampleClient(given: Partial<ClientRecord> = {}): ClientRecord {
  return {
    client_id: `client-${newId()}`,
    metadata: {
      redirect_uris: ["https://printly.example/callback"],
      token_endpoint_auth_method: "client_secret_basic",
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      application_type: "web",
      client_name: "Printly — “prints” \u{1f5a8}",
      id_token_signed_response_alg: "RS256",
    },
    secrets: [{ hash: randomText(32), created_at: START, expires_at: null }],
    created_by: "operator",
    owner_sub: null,
    trusted: false,
    require_pkce: true,
    resource: null,
    created_at: START,
    disabled_at: null,
    ends_before: null,
    logo: null,
    sector: null,
    set_by_operator: ["scope"],
    registration_hash: null,
    ...given,
  };
}

export function sampleAccount(given: Partial<AccountRecord> = {}): AccountRecord {
  return {
    sub: newId(),
    username: "Ada",
    login_email: null,
    claims: { name: "Ada Lovelace", email_verified: false, address: { country: "GB" } },
    password_hash: "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA",
    is_admin: false,
    created_at: START,
    disabled_at: null,
    ends_before: null,
    sessions_end_before: null,
    ...given,
  };
}

export const samplePasskey = (given: Partial<PasskeyRecord> = {}): PasskeyRecord => ({
  credential_id: randomText(32),
  sub: "ada",
  public_key: randomText(77),
  alg: -7,
  sign_count: 3,
  backup_eligible: true,
  backed_up: true,
  transports: ["internal", "hybrid"],
  aaguid: "00000000-0000-0000-0000-000000000000",
  rp_id: "as.example",
  name: "Ada’s phone \u{1f4f1}",
  created_at: START,
  used_at: null,
  ...given,
});

export const sampleTotp = (given: Partial<TotpRecord> = {}): TotpRecord => ({
  totp_id: randomText(16),
  sub: "ada",
  sealed_secret: randomText(60),
  secret_id: "5afe5afe",
  name: "Phone",
  last_step: Math.floor(START / 30),
  created_at: START,
  used_at: null,
  ...given,
});

export const sampleRecoveryCode = (
  given: Partial<RecoveryCodeRecord> = {},
): RecoveryCodeRecord => ({
  sub: "ada",
  slot: 0,
  hash: `$argon2id$v=19$m=19456,t=2,p=1$${randomText(16)}$aGFzaA`,
  created_at: START,
  ...given,
});

/** Ten, as a person has them. */
export const sampleRecoveryCodes = (): RecoveryCodeRecord[] =>
  Array.from({ length: 10 }, (_, slot) => sampleRecoveryCode({ slot }));

export function sampleKey(given: Partial<SigningKeyRecord> = {}): SigningKeyRecord {
  return {
    kid: randomText(32),
    alg: "ES256",
    public_jwk: '{"kty":"EC"}',
    sealed_private_jwk: randomText(60),
    created_at: START,
    signs_at: START,
    retired_at: null,
    ...given,
  };
}

export function sampleJob(given: Partial<JobRecord> = {}): JobRecord {
  return {
    job_id: newId(),
    place: placeOf("ada"),
    kind: "mail",
    payload: '{"to":"ada"}',
    due_at: START,
    leased_until: 0,
    lease_no: 0,
    attempts: 0,
    error: null,
    expires_at: START + 1_000_000,
    ...given,
  };
}

export function sampleEvent(given: Partial<AuditRecord> = {}): AuditRecord {
  const at = given.at ?? START;
  return {
    audit_id: uuidv7(at * 1000),
    at,
    event: "signed_in",
    actor: "person",
    actor_id: "ada",
    via: "page",
    sub: "ada",
    client_id: null,
    event_id: "event",
    address: "192.0.2.1",
    before: { name: "A", address: null },
    after: null,
    details: { amr: ["pwd"] },
    expires_at: at + 100,
    ...given,
  };
}
