/** `valetkey keys list` */
import {
  publishedKeys,
  replacedAt,
  type SigningKeyRecord,
  signingKeyAt,
} from "../crypto/signing_key.ts";
import type { CommonFlags } from "./command.ts";
import { withDatabase } from "./database.ts";
import { printJson, printTable, say, when } from "./output.ts";
import { readSettings } from "./settings.ts";

/** Seconds that the key set keeps a key after the life of its last token. */
const SLACK = 120;

interface KeyState {
  state: "signing" | "published" | "retired";
  since: number;
}

export async function listKeys(flags: CommonFlags): Promise<void> {
  const settings = await readSettings(flags);
  const { access_token, id_token } = settings.full.lifetimes;
  const longest_life = Math.max(access_token, id_token) + SLACK;
  await withDatabase(settings, async ({ store, now }) => {
    const records = await store.listSigningKeys();
    const keys = records.map((key) => ({
      kid: key.kid,
      alg: key.alg,
      ...stateOf(key, records, { now, longest_life }),
      created_at: key.created_at,
      signs_at: key.signs_at,
      retired_at: key.retired_at,
    }));
    if (flags.json) return printJson(keys);
    if (keys.length === 0) return say("none yet: the first start makes them");
    printTable(
      ["KID", "ALG", "STATE", "SINCE", ""],
      keys.map(({ kid, alg, state, since, signs_at }) => [
        kid,
        alg,
        state,
        when(since),
        state === "published" && signs_at > now ? `signs from ${when(signs_at)}` : "",
      ]),
    );
  });
}

function stateOf(
  key: SigningKeyRecord,
  records: readonly SigningKeyRecord[],
  { now, longest_life }: { now: number; longest_life: number },
): KeyState {
  if (key.retired_at !== null) return { state: "retired", since: key.retired_at };
  if (signingKeyAt(records, key.alg, now) === key) return { state: "signing", since: key.signs_at };
  const replaced = replacedAt(key, records);
  if (!publishedKeys(records, now, longest_life).includes(key))
    return { state: "retired", since: replaced + longest_life };
  return { state: "published", since: key.signs_at > now ? key.created_at : replaced };
}
