/** `valetkey keys rotate` and `keys retire` */
import type { SigningAlg } from "../crypto/jwt.ts";
import type { ServerSecrets } from "../crypto/server_secret.ts";
import {
  makeSigningKey,
  openSigningKey,
  PUBLISHED_BEFORE_SIGNING,
  SIGNING_ALGS,
  type SigningKeyRecord,
  signingKeyAt,
} from "../crypto/signing_key.ts";
import { addKey, KeysSealed } from "../keys/keyring.ts";
import type { Store } from "../store/store.ts";
import type { CommonFlags } from "./command.ts";
import { type OpenDatabase, withDatabase } from "./database.ts";
import { CliError } from "./errors.ts";
import { printJson, printTable, say, warn, when } from "./output.ts";
import { readSettings } from "./settings.ts";

export interface RotateFlags {
  now?: boolean;
  alg?: SigningAlg;
}

export async function rotateKeys(flags: RotateFlags & CommonFlags): Promise<void> {
  await withDatabase(await readSettings(flags), async (database) => {
    checkSecret(await database.store.listSigningKeys(), database.secrets());
    const algs = flags.alg ? [flags.alg] : SIGNING_ALGS;
    const made: SigningKeyRecord[] = [];
    for (const alg of algs) {
      const key = await (flags.now ? makeAtOnce(alg, database) : makeAhead(alg, database));
      if (key) made.push(key);
      else warn(`a new ${alg} key is on its way already: valetkey keys list shows when it signs`);
    }
    if (made.length === 0)
      throw new CliError("no new key was made", "--now makes one that signs at once");
    show(made, flags);
    say(
      flags.now
        ? "They sign at once. A verifier that keeps keys in memory fetches them when it meets them."
        : "They are published now, so that every verifier knows them when they sign.",
    );
    say("The old ones stay published until the last token that they signed has expired.");
  });
}

const makeAhead = (alg: SigningAlg, { store, now, secrets }: OpenDatabase) =>
  addKey(store, secrets(), { alg, now, signs_at: now + PUBLISHED_BEFORE_SIGNING });

async function makeAtOnce(alg: SigningAlg, { store, now, secrets }: OpenDatabase) {
  const before = signingKeyAt(await store.listSigningKeys(), alg, now);
  // After the one that signs, though it were made this very second: the newest one signs.
  const signs_at = Math.max(now, (before?.signs_at ?? 0) + 1);
  return add(alg, { created_at: now, signs_at }, { store, secrets: secrets() });
}

async function add(
  alg: SigningAlg,
  times: { created_at: number; signs_at: number },
  { store, secrets }: { store: Store; secrets: ServerSecrets },
): Promise<SigningKeyRecord> {
  const key = await makeSigningKey(alg, times, { secrets });
  await store.addSigningKey(key, Number.MAX_SAFE_INTEGER);
  return key;
}

/** @throws KeysSealed when the server, which opened the keys that are there, could not open a new one */
function checkSecret(records: readonly SigningKeyRecord[], secrets: ServerSecrets): void {
  if (records.length > 0 && !records.some((record) => openSigningKey(record, { secrets })))
    throw new KeysSealed("the signing keys were made under another secret than the one given");
}

export async function retireKey(flags: CommonFlags, [kid = ""]: readonly string[]): Promise<void> {
  await withDatabase(await readSettings(flags), async ({ store, now, secrets }) => {
    const records = await store.listSigningKeys();
    const key = records.find((record) => record.kid === kid);
    if (!key) throw new CliError(`there is no key ${kid}`, "`valetkey keys list` shows them all");
    if (key.retired_at !== null)
      throw new CliError(`the key ${kid} was retired ${when(key.retired_at)}`);
    const signs = signingKeyAt(records, key.alg, now) === key;
    if (signs) checkSecret(records, secrets());
    // The new one first: there is no moment without a key that signs.
    const replacement = signs
      ? await add(key.alg, { created_at: now, signs_at: now }, { store, secrets: secrets() })
      : null;
    await store.retireSigningKey(kid, now);
    if (flags.json) printJson({ kid, retired_at: now, replaced_by: replacement?.kid ?? null });
    if (replacement) say(`${replacement.kid} signs from now on.`);
    say(`${kid} is retired: what it signed no longer holds here, and the key set leaves it out.`);
    say("APIs that check tokens by themselves take it until they fetch the key set again.");
  });
}

function show(keys: readonly SigningKeyRecord[], { json = false }: CommonFlags): void {
  if (json) {
    printJson(
      keys.map(({ kid, alg, created_at, signs_at }) => ({ kid, alg, created_at, signs_at })),
    );
    return;
  }
  const rows = keys.map(({ kid, alg, signs_at }) => [kid, alg, when(signs_at)]);
  printTable(["KID", "ALG", "SIGNS FROM"], rows);
}
