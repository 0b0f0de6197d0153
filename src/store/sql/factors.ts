/** Passkeys, app codes and recovery codes, in SQL. No cache holds them. */
import type {
  FactorChange,
  FactorStore,
  PasskeyRecord,
  RecoveryCodeRecord,
  TotpRecord,
} from "../factor_store.ts";
import type { AccountRecord } from "../records.ts";
import { withDirectory } from "./alongside.ts";
import { AlreadyThere, changedCount, type SqlDriver, type Statement } from "./driver.ts";
import { sqlRecord } from "./record.ts";

const PASSKEY = sqlRecord<PasskeyRecord>({
  table: "passkey",
  key: ["credential_id"],
  columns: {
    credential_id: "text",
    sub: "text",
    public_key: "text",
    alg: "integer",
    sign_count: "integer",
    backup_eligible: "flag",
    backed_up: "flag",
    transports: "json",
    aaguid: "text",
    rp_id: "text",
    name: "text",
    created_at: "integer",
    used_at: "integer",
  },
});

const TOTP = sqlRecord<TotpRecord>({
  table: "totp",
  key: ["totp_id"],
  columns: {
    totp_id: "text",
    sub: "text",
    sealed_secret: "text",
    secret_id: "text",
    name: "text",
    last_step: "integer",
    created_at: "integer",
    used_at: "integer",
  },
});

const RECOVERY_CODE = sqlRecord<RecoveryCodeRecord>({
  table: "recovery_code",
  key: ["sub", "slot"],
  columns: { sub: "text", slot: "integer", hash: "text", created_at: "integer" },
});

export function sqlFactors(db: SqlDriver): FactorStore {
  return { ...reads(db), ...changes(db), ...uses(db), ...seals(db) };
}

function reads(db: SqlDriver): Pick<FactorStore, "loadFactors" | "findPasskey"> {
  return {
    async loadFactors(sub) {
      const [state] = await db.read("SELECT version, user_handle FROM factor_state WHERE sub = ?", [
        sub,
      ]);
      const [passkeys, totps, codes] = await Promise.all([
        db.readValues(`${PASSKEY.select} WHERE sub = ? ORDER BY created_at, credential_id`, [sub]),
        db.readValues(`${TOTP.select} WHERE sub = ? ORDER BY created_at, totp_id`, [sub]),
        db.readValues(`${RECOVERY_CODE.select} WHERE sub = ? ORDER BY slot`, [sub]),
      ]);
      const handle = state?.user_handle;
      return {
        version: Number(state?.version ?? 0),
        user_handle: typeof handle === "string" ? handle : null,
        passkeys: passkeys.map(PASSKEY.parse),
        totps: totps.map(TOTP.parse),
        recovery_codes: codes.map(RECOVERY_CODE.parse),
      };
    },

    async findPasskey(credential_id) {
      const sql = `${PASSKEY.select} WHERE credential_id = ?`;
      const [row] = await db.readValues(sql, [credential_id]);
      return row ? PASSKEY.parse(row) : null;
    },
  };
}

type Changes = "changeFactors" | "renamePasskey" | "raiseFactorVersion" | "removeFactors";

function changes(db: SqlDriver): Pick<FactorStore, Changes> {
  return {
    async changeFactors({ sub, version }, change, alongside) {
      const written = db.writeAll([
        nextVersion({ sub, version, user_handle: change.user_handle ?? null }),
        ...changed(sub, change),
        ...withDirectory(alongside),
      ]);
      try {
        return (await changedCount(written)) === 1;
      } catch (error) {
        if (error instanceof AlreadyThere) return false;
        throw error;
      }
    },

    async renamePasskey({ sub, credential_id, name }, alongside) {
      const rename = {
        sql: "UPDATE passkey SET name = ? WHERE credential_id = ? AND sub = ?",
        args: [name, credential_id, sub],
        must_change: true,
      };
      return (await changedCount(db.writeAll([rename, ...withDirectory(alongside)]))) === 1;
    },

    async raiseFactorVersion(sub) {
      const { sql, args } = raiseFactors(sub);
      await db.write(sql, args);
    },

    async removeFactors(sub, alongside) {
      await db.writeAll([...removalOfFactors(sub), ...withDirectory(alongside)]);
    },
  };
}

function uses(db: SqlDriver): Pick<FactorStore, "usePasskey" | "useTotp" | "useRecoveryCode"> {
  return {
    async usePasskey(credential_id, was, { sign_count, backed_up, used_at }) {
      const sql = `UPDATE passkey SET sign_count = ?, backed_up = ?, used_at = ?
        WHERE credential_id = ? AND sign_count = ?`;
      const args = [sign_count, backed_up ? 1 : 0, used_at, credential_id, was.sign_count];
      return (await db.write(sql, args)).changed === 1;
    },

    async useTotp(totp_id, step, now) {
      const sql = "UPDATE totp SET last_step = ?, used_at = ? WHERE totp_id = ? AND last_step < ?";
      return (await db.write(sql, [step, now, totp_id, step])).changed === 1;
    },

    async useRecoveryCode({ sub, slot, hash }, alongside) {
      const take = {
        sql: "DELETE FROM recovery_code WHERE sub = ? AND slot = ? AND hash = ?",
        args: [sub, slot, hash],
        must_change: true,
      };
      return (await changedCount(db.writeAll([take, ...withDirectory(alongside)]))) === 1;
    },
  };
}

function seals(db: SqlDriver): Pick<FactorStore, "listTotpsUnder" | "resealTotp"> {
  return {
    async listTotpsUnder(secret_ids, { after, limit }) {
      if (secret_ids.length === 0) return [];
      const marks = secret_ids.map(() => "?").join(", ");
      const sql = `${TOTP.select} WHERE secret_id IN (${marks}) AND totp_id > ?
        ORDER BY totp_id LIMIT ?`;
      return (await db.readValues(sql, [...secret_ids, after, limit])).map(TOTP.parse);
    },

    async resealTotp(before, { sealed_secret, secret_id }) {
      const sql = `UPDATE totp SET sealed_secret = ?, secret_id = ?
        WHERE totp_id = ? AND sealed_secret = ?`;
      const args = [sealed_secret, secret_id, before.totp_id, before.sealed_secret];
      return (await db.write(sql, args)).changed === 1;
    },
  };
}

interface Version {
  sub: string;
  version: number;
  user_handle: string | null;
}

/** The step from the version that was read. It locks the row, so other changes wait, and then fail. */
const nextVersion = ({ sub, version, user_handle }: Version): Statement =>
  version === 0
    ? {
        sql: `INSERT INTO factor_state (sub, version, user_handle) VALUES (?, 1, ?)
          ON CONFLICT (sub) DO NOTHING`,
        args: [sub, user_handle],
        must_change: true,
      }
    : {
        sql: `UPDATE factor_state SET version = version + 1, user_handle = COALESCE(user_handle, ?)
          WHERE sub = ? AND version = ?`,
        args: [user_handle, sub, version],
        must_change: true,
      };

function changed(sub: string, change: FactorChange): Statement[] {
  const { remove_passkeys = [], remove_totps = [], recovery_codes } = change;
  const { add_passkeys = [], add_totps = [] } = change;
  return [
    ...remove_passkeys.map((id) => removed("passkey WHERE credential_id = ?", id, sub)),
    ...remove_totps.map((id) => removed("totp WHERE totp_id = ?", id, sub)),
    ...add_passkeys.map((passkey) => PASSKEY.insert({ ...passkey, sub })),
    ...add_totps.map((totp) => TOTP.insert({ ...totp, sub })),
    ...(recovery_codes ? [allOf("recovery_code", sub)] : []),
    ...(recovery_codes ?? []).map((code) => RECOVERY_CODE.insert({ ...code, sub })),
  ];
}

const removed = (which: string, id: string, sub: string): Statement => ({
  sql: `DELETE FROM ${which} AND sub = ?`,
  args: [id, sub],
  must_change: true,
});

const allOf = (table: string, sub: string): Statement => ({
  sql: `DELETE FROM ${table} WHERE sub = ?`,
  args: [sub],
});

/** The next version, whatever it was. */
export const raiseFactors = (sub: string): Statement => ({
  sql: `INSERT INTO factor_state (sub, version) VALUES (?, 1)
    ON CONFLICT (sub) DO UPDATE SET version = factor_state.version + 1`,
  args: [sub],
});

/** The version goes first: a change in progress then ends before its rows are removed. */
export const removalOfFactors = (sub: string): Statement[] =>
  ["factor_state", "passkey", "totp", "recovery_code"].map((table) => allOf(table, sub));

/** Whether a change to an account touches its first factor, or an address that leads to it. */
export function touchesFactors(account: AccountRecord, before: AccountRecord | undefined): boolean {
  if (!before) return true;
  const { password_hash, username, login_email, claims } = account;
  return (
    password_hash !== before.password_hash ||
    username !== before.username ||
    login_email !== before.login_email ||
    claims.email !== before.claims.email ||
    claims.email_verified !== before.claims.email_verified
  );
}
