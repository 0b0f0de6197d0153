/**
 * The factors of a person beside the password: passkeys, app codes and recovery codes. They belong to a `sub`, wherever
 * the person is kept, and are part of the directory.
 *
 * Each change of them raises the version of the person's factors first, in its own transaction, so that the row of the
 * version orders the changes. Requests in progress carry the version that they were judged by: any change ends them.
 */
import type { Alongside } from "./store.ts";

/** A credential of WebAuthn. */
export interface PasskeyRecord {
  /** Base64url, as the authenticator chose it. */
  credential_id: string;
  sub: string;
  /** A COSE_Key, in base64url (RFC 9052 §7). */
  public_key: string;
  /** A COSE algorithm, such as −7. */
  alg: number;
  /** The signature counter of the last use (WebAuthn §6.1.1); 0: the authenticator has none. */
  sign_count: number;
  /** Whether the credential may be copied to other devices; it never changes (WebAuthn §6.1.3). */
  backup_eligible: boolean;
  /** Whether it has been copied, by the last use. */
  backed_up: boolean;
  /** Hints for the browser, such as `internal` or `usb` (WebAuthn §5.8.4). */
  transports: string[];
  /** The model of the authenticator, as a UUID; zeros: not told. */
  aaguid: string;
  /** The domain that the credential is for. */
  rp_id: string;
  /** Chosen by the person. */
  name: string;
  created_at: number;
  used_at: number | null;
}

/** A secret that an authenticator app shares with the server (RFC 6238). */
export interface TotpRecord {
  /** Random. */
  totp_id: string;
  sub: string;
  /** Sealed, and bound to `sub` and `totp_id` (factors/totp_secret.ts). */
  sealed_secret: string;
  /** The server secret that sealed it. */
  secret_id: string;
  /** Chosen by the person. */
  name: string;
  /** The time step of the last accepted code: codes of this step and of earlier ones are used. */
  last_step: number;
  created_at: number;
  used_at: number | null;
}

/** A code that replaces a lost factor once. Its row goes with its use. */
export interface RecoveryCodeRecord {
  sub: string;
  /** 0 to 9, the first character of the code. */
  slot: number;
  /** A PHC string (Argon2id) of the rest of the code. */
  hash: string;
  created_at: number;
}

/** All factors of one person. */
export interface Factors {
  /** The number of changes so far; 0: there was none. */
  version: number;
  /** 32 random bytes in base64url, the same for all passkeys of the person; null: there was no passkey yet. */
  user_handle: string | null;
  /** Each list begins with the oldest. */
  passkeys: PasskeyRecord[];
  totps: TotpRecord[];
  recovery_codes: RecoveryCodeRecord[];
}

/** A record whose person is the one of the change. */
type OfPerson<T> = Omit<T, "sub">;

/** Members that are left out stay as they are. */
export interface FactorChange {
  /** Kept if the person has none yet; to be given with the first passkey. */
  user_handle?: string;
  add_passkeys?: readonly OfPerson<PasskeyRecord>[];
  /** By `credential_id`. */
  remove_passkeys?: readonly string[];
  add_totps?: readonly OfPerson<TotpRecord>[];
  /** By `totp_id`. */
  remove_totps?: readonly string[];
  /** Instead of all present ones. */
  recovery_codes?: readonly OfPerson<RecoveryCodeRecord>[];
}

export interface FactorStore {
  /** The version is read before the rest, so a concurrent change makes it too old and never too new. */
  loadFactors(sub: string): Promise<Factors>;
  findPasskey(credential_id: string): Promise<PasskeyRecord | null>;
  /**
   * @param version as it was read
   * @returns false: the version was another, a passkey with this id exists, or one that is to be removed does not
   */
  changeFactors(
    which: { sub: string; version: number },
    change: FactorChange,
    alongside?: Alongside,
  ): Promise<boolean>;
  /** Raises no version, since the name means nothing to a sign-in. False: the person has no such passkey. */
  renamePasskey(
    passkey: Pick<PasskeyRecord, "sub" | "credential_id" | "name">,
    alongside?: Alongside,
  ): Promise<boolean>;
  /**
   * Notes a use of a passkey.
   * @param was.sign_count as it was read
   * @returns false: the counter is another by now, or the passkey was removed
   */
  usePasskey(
    credential_id: string,
    was: Pick<PasskeyRecord, "sign_count">,
    becomes: { sign_count: number; backed_up: boolean; used_at: number },
  ): Promise<boolean>;
  /** Takes the code of a time step. False: it was taken, or a later one; or the app was removed. */
  useTotp(totp_id: string, step: number, now: number): Promise<boolean>;
  /** Takes a recovery code. False: it was taken or replaced. */
  useRecoveryCode(
    code: Pick<RecoveryCodeRecord, "sub" | "slot" | "hash">,
    alongside?: Alongside,
  ): Promise<boolean>;
  /** For changes that are made elsewhere, such as a new password of an embedding app. */
  raiseFactorVersion(sub: string): Promise<void>;
  /** Removes everything about a person who is gone, the version included. */
  removeFactors(sub: string, alongside?: Alongside): Promise<void>;
  /** At most `limit` app codes that one of these server secrets sealed, by `totp_id`, behind the id `after`. */
  listTotpsUnder(
    secret_ids: readonly string[],
    page: { after: string; limit: number },
  ): Promise<TotpRecord[]>;
  /**
   * Replaces the seal, and raises no version: the factor is the same.
   * @param before as it was read
   * @returns false: it is no longer like this
   */
  resealTotp(
    before: Pick<TotpRecord, "totp_id" | "sealed_secret">,
    sealed: Pick<TotpRecord, "sealed_secret" | "secret_id">,
  ): Promise<boolean>;
}
