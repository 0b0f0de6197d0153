/**
 * The salt of pairwise subjects (OpenID Connect Core §8.1): random, and the same for the whole life of a database, since
 * apps know people by subjects that depend on it. It is stored sealed under the server's secret.
 */
import type { SubjectSalt } from "../context.ts";
import { randomBytes } from "../crypto/hash.ts";
import { type SealContext, seal, secretIdOf, unseal } from "../crypto/seal.ts";
import type { ServerSecrets } from "../crypto/server_secret.ts";
import type { DirectoryStore } from "../store/store.ts";
import { KeysSealed } from "./keyring.ts";

type SaltStore = Pick<DirectoryStore, "findSubjectSalt" | "storeSubjectSalt">;

const PURPOSE = "subject_salt";
const BYTES = 32;

export function subjectSalt(store: SaltStore, secrets: ServerSecrets): SubjectSalt {
  let salt: Buffer | null = null;
  return {
    async load({ keeps_house }) {
      const sealed = await store.findSubjectSalt();
      if (sealed !== null) salt = open(sealed, secrets);
      else if (keeps_house) salt = await make(store, secrets);
      if (keeps_house) await sealSaltAnew(store, secrets);
    },
    value() {
      if (salt === null) throw new Error("the salt of pairwise subjects is not loaded");
      return salt;
    },
  };
}

/**
 * Seals the salt under the secret in use. Another salt would give every person another subject at every app, so the
 * salt stays even if its seal was made with a leaked secret.
 * @returns false when it was sealed under this secret already, or there is none
 * @throws KeysSealed
 */
export async function sealSaltAnew(store: SaltStore, secrets: ServerSecrets): Promise<boolean> {
  const sealed = await store.findSubjectSalt();
  if (sealed === null || secretIdOf(sealed) === secrets.current.secret_id) return false;
  const again = sealSalt(open(sealed, secrets), secrets);
  return store.storeSubjectSalt(again, sealed);
}

async function make(store: SaltStore, secrets: ServerSecrets): Promise<Buffer> {
  const made = randomBytes(BYTES);
  if (await store.storeSubjectSalt(sealSalt(made, secrets), null)) return made;
  // Another node was faster.
  const sealed = await store.findSubjectSalt();
  if (sealed === null) throw new Error("the salt of pairwise subjects is gone");
  return open(sealed, secrets);
}

// The salt does not depend on epoch or issuer: a restored or renamed server goes on with it.
const lasting = (secrets: ServerSecrets): SealContext => ({ secrets, epoch: 0, issuer: "" });

const sealSalt = (salt: Buffer, secrets: ServerSecrets): string =>
  seal(salt.toString("base64url"), PURPOSE, lasting(secrets), "subject_salt");

function open(sealed: string, secrets: ServerSecrets): Buffer {
  // A leaked secret opens it once more, so that it can be sealed anew.
  const text = unseal(
    sealed,
    PURPOSE,
    lasting({ ...secrets, find: secrets.findForHandle }),
    "subject_salt",
  );
  if (text === null)
    throw new KeysSealed("the salt of subjects was made under another secret than the one given");
  return Buffer.from(text, "base64url");
}
