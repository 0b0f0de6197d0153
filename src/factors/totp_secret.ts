/**
 * The secrets of authenticator apps, sealed in the database. They last as long as the app, so the seal depends on neither
 * epoch nor issuer: it survives a restore, a new name of the server and a change of the server's secret, after which
 * all seals are made anew.
 */
import { type SealContext, seal, unseal } from "../crypto/seal.ts";
import type { ServerSecrets } from "../crypto/server_secret.ts";
import type { FactorStore, TotpRecord } from "../store/factor_store.ts";
import type { DirectoryStore } from "../store/store.ts";

type Sealed = Pick<TotpRecord, "sealed_secret" | "secret_id">;
type Owner = Pick<TotpRecord, "sub" | "totp_id">;

/** Bound to its row: a secret that is moved to another person's row opens nowhere. */
const purpose = ({ totp_id, sub }: Owner): string => `totp ${totp_id} ${sub}`;

const lasting = (secrets: ServerSecrets): SealContext => ({ secrets, epoch: 0, issuer: "" });

export const sealTotpSecret = (secret: Buffer, owner: Owner, secrets: ServerSecrets): Sealed => ({
  sealed_secret: seal(secret.toString("base64url"), purpose(owner), lasting(secrets), "totp"),
  secret_id: secrets.current.secret_id,
});

/** Null: the server does not have the secret that sealed it, or the row was altered. */
export function openTotpSecret(totp: Owner & Sealed, secrets: ServerSecrets): Buffer | null {
  // A leaked secret still opens the rows: they are the server's own, and without them people could not sign in.
  const context = lasting({ ...secrets, find: secrets.findForHandle });
  const text = unseal(totp.sealed_secret, purpose(totp), context, "totp");
  return text === null ? null : Buffer.from(text, "base64url");
}

export interface SealEnv {
  store: Pick<FactorStore, "listTotpsUnder" | "resealTotp"> & Pick<DirectoryStore, "readState">;
  secrets: ServerSecrets;
}

/**
 * Seals secrets anew that an earlier or a leaked secret of the server has sealed. Safe to run on every node at any time.
 * @param page.after of the page before, empty at first
 * @returns the number of new seals, and where the next page begins; null: this was the last one
 */
export async function resealTotps(
  { after, limit }: { after: string; limit: number },
  { store, secrets }: SealEnv,
): Promise<{ sealed: number; next: string | null }> {
  const last = { sealed: 0, next: null };
  const { current, all, leaked } = secrets;
  const others = all.slice(1).map(({ secret_id }) => secret_id);
  const earlier = (await isNewest(current.secret_id, store)) ? others : [];
  const secret_ids = [...earlier, ...leaked];
  if (secret_ids.length === 0) return last;
  const totps = await store.listTotpsUnder(secret_ids, { after, limit });
  const outcomes = await Promise.all(
    totps.map(async (totp) => {
      const secret = openTotpSecret(totp, secrets);
      return secret !== null && store.resealTotp(totp, sealTotpSecret(secret, totp, secrets));
    }),
  );
  const sealed = outcomes.filter((done) => done).length;
  return { sealed, next: totps.length < limit ? null : (totps.at(-1)?.totp_id ?? null) };
}

/** The same for all of them. @returns the number of new seals */
export async function resealAllTotps(env: SealEnv): Promise<number> {
  let count = 0;
  for (let after: string | null = ""; after !== null; ) {
    const page = await resealTotps({ after, limit: BATCH }, env);
    count += page.sealed;
    after = page.next;
  }
  return count;
}

/** Rows that one statement reads. */
const BATCH = 500;

/** While nodes are restarted one by one, those with the earlier secret must not seal with it again. */
async function isNewest(secret_id: string, store: SealEnv["store"]): Promise<boolean> {
  const { secrets: since } = await store.readState();
  const own = since[secret_id] ?? 0;
  return Object.values(since).every((time) => time <= own);
}
