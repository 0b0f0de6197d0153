/** `valetkey user factors` and `user remove-factor` */
import { allFactors, removeFactors, type SomeFactors } from "../people/remove_factor.ts";
import type { Factors } from "../store/factor_store.ts";
import type { CommonFlags } from "./command.ts";
import { type OpenDatabase, withDatabase } from "./database.ts";
import { CliError, UsageError } from "./errors.ts";
import { printJson, printTable, say, warn, when } from "./output.ts";
import { type Named, whose } from "./person.ts";
import { readSettings } from "./settings.ts";

/** The id of all recovery codes of a person, which are removed together. */
const RECOVERY_CODES = "recovery-codes";

export async function listFactors(
  flags: CommonFlags,
  [name = ""]: readonly string[],
): Promise<void> {
  const settings = await readSettings(flags);
  await withDatabase(settings, async (database) => {
    const { sub, called } = await whose(name, database, settings);
    const factors = await database.store.loadFactors(sub);
    if (flags.json) return printJson({ sub, ...factorsJson(factors) });
    const rows = rowsOf(factors);
    if (rows.length === 0) return say(`${called} has no passkeys, app codes or recovery codes`);
    printTable(["KIND", "NAME", "CREATED", "LAST USED", "", "ID"], rows);
  });
}

/** No secrets: neither keys nor hashes. */
const factorsJson = ({ passkeys, totps, recovery_codes }: Factors) => ({
  passkeys: passkeys.map(({ credential_id, name, rp_id, ...rest }) => {
    const { backed_up: synced, created_at, used_at } = rest;
    return { credential_id, name, rp_id, synced, created_at, used_at };
  }),
  totps: totps.map(({ totp_id, name, created_at, used_at }) => ({
    ...{ totp_id, name, created_at, used_at },
  })),
  recovery_codes: {
    left: recovery_codes.length,
    created_at: recovery_codes[0]?.created_at ?? null,
  },
});

function rowsOf({ passkeys, totps, recovery_codes }: Factors): string[][] {
  const used = (at: number | null): string => (at === null ? "never" : when(at));
  const [code] = recovery_codes;
  return [
    ...passkeys.map((each) => [
      ...["passkey", each.name, when(each.created_at), used(each.used_at)],
      ...[`${each.rp_id}, ${each.backed_up ? "synced" : "one device"}`, each.credential_id],
    ]),
    ...totps.map((each) => [
      ...["app codes", each.name, when(each.created_at), used(each.used_at), "", each.totp_id],
    ]),
    ...(code
      ? [
          [
            ...["recovery codes", "", when(code.created_at), ""],
            ...[`${recovery_codes.length} left`, RECOVERY_CODES],
          ],
        ]
      : []),
  ];
}

export interface RemoveFlags {
  all?: boolean;
}

export async function removeFactor(
  flags: RemoveFlags & CommonFlags,
  [name = "", factor]: readonly string[],
): Promise<void> {
  const { all = false } = flags;
  if (all === (factor !== undefined))
    throw new UsageError(
      all ? "name one factor or give --all, not both" : "it is not said which factor to remove",
      `\`valetkey user factors ${name}\` shows them`,
    );
  const settings = await readSettings(flags);
  await withDatabase(settings, async (database) => {
    const person = await whose(name, database, settings);
    const removed = await remove(person, factor ?? null, database);
    const left = await database.store.loadFactors(person.sub);
    tell(person, { removed, left });
    if (flags.json)
      printJson({ sub: person.sub, removed: idsOf(removed), left: factorsJson(left) });
  });
}

async function remove(
  { sub, called }: Named,
  factor: string | null,
  { by, env }: OpenDatabase,
): Promise<SomeFactors> {
  const pick = (factors: Factors) =>
    factor === null ? allFactors(factors) : find(factor, factors, called);
  const removed = await removeFactors({ sub, pick }, by, env);
  if (idsOf(removed).length === 0)
    throw new CliError(`${called} has no passkeys, app codes or recovery codes`);
  return removed;
}

const idsOf = ({ passkeys, totps, recovery_codes }: SomeFactors): string[] => [
  ...passkeys.map(({ credential_id }) => credential_id),
  ...totps.map(({ totp_id }) => totp_id),
  ...(recovery_codes ? [RECOVERY_CODES] : []),
];

/** @param wanted an id, or else a name that only one factor has */
function find(wanted: string, factors: Factors, called: string): SomeFactors {
  const is = (matches: (factor: { id: string; name: string }) => boolean): SomeFactors => ({
    passkeys: factors.passkeys.filter(({ credential_id: id, name }) => matches({ id, name })),
    totps: factors.totps.filter(({ totp_id: id, name }) => matches({ id, name })),
    recovery_codes:
      factors.recovery_codes.length > 0 && matches({ id: RECOVERY_CODES, name: RECOVERY_CODES }),
  });
  const by_id = is(({ id }) => id === wanted);
  const found = idsOf(by_id).length > 0 ? by_id : is(({ name }) => name === wanted);
  const [first, ...others] = idsOf(found);
  if (first === undefined)
    throw new CliError(
      `${called} has no factor ${wanted}`,
      `\`valetkey user factors ${called}\` shows them`,
    );
  if (others.length > 0)
    throw new CliError(
      `${called} has several factors with the name ${wanted}`,
      `give the id of one: ${[first, ...others].join(", ")}`,
    );
  return found;
}

function tell(
  { called, password }: Named,
  { removed, left }: { removed: SomeFactors; left: Factors },
): void {
  say(`removed of ${called}: ${described(removed) || "nothing"}`);
  const remaining = described(allFactors(left), left);
  say(
    remaining === ""
      ? "No passkeys, app codes or recovery codes are left."
      : `What is left: ${remaining}.`,
  );
  say(`Sessions and apps go on: \`valetkey user revoke ${called}\` ends them.`);
  if (password === false && left.passkeys.length === 0)
    warn(
      `${called} has neither a password nor a passkey now: \`valetkey user password ${called}\` sets a password`,
    );
}

function described({ passkeys, totps, recovery_codes }: SomeFactors, left?: Factors): string {
  const count = left ? `${left.recovery_codes.length} ` : "";
  return [
    ...passkeys.map(({ name }) => `the passkey ${name}`),
    ...totps.map(({ name }) => `the app codes ${name}`),
    ...(recovery_codes ? [left ? `${count}recovery codes` : "the recovery codes"] : []),
  ].join(", ");
}
