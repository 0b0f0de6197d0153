/** New accounts: of visitors who register, of the first administrator, and of people whom an operator adds. */
import { type Actor, eventOf } from "../operation.ts";
import type { AccountRecord } from "../store/records.ts";
import {
  describeAccount,
  loginsOf,
  newAccount,
  toPerson,
  verifiedEmail,
  withoutNulls,
} from "./account.ts";
import { keepsPeople } from "./built_in_users.ts";
import { hashPassword } from "./password.ts";
import { checkPerson } from "./rules.ts";
import type { NewAccount, PeopleEnv, Person, ProvenAccount } from "./users.ts";

export interface NewPerson extends NewAccount {
  /** Whether the address is the person's own: it then signs in, too. Only an operator may say so. */
  email_verified?: boolean;
  /** Only for an operator. Members that are null are left out. */
  claims?: Readonly<Record<string, unknown>>;
}

/**
 * Creates an account, here or where the embedding app keeps people. `taken`: another account has this name or address,
 * or, with `only_as_first`, an account exists already.
 * @throws InvalidPerson when the rules do not allow such an account, TooBusy when too many passwords are being hashed
 */
export async function createPerson(
  input: NewPerson,
  by: Actor,
  env: PeopleEnv,
): Promise<Person | "taken"> {
  if (!keepsPeople(env.users)) return createElsewhere(input, by, env);
  const account = await createAccount(input, by, env);
  return account === "taken" ? "taken" : toPerson(account);
}

/**
 * The same for a person who has proved that the address is theirs: it is verified, and signs in. `taken`: another account
 * has the name, or has proved the address before.
 * @throws InvalidPerson when the rules do not allow such an account, TooBusy when too many passwords are being hashed
 */
export async function createProvenPerson(
  account: ProvenAccount,
  by: Actor,
  env: PeopleEnv,
): Promise<Person | "taken"> {
  const { users } = env;
  if (!keepsPeople(users)) return told((await users.createProven?.(account)) ?? "taken", by, env);
  const role = { is_admin: false, only_as_first: false };
  const created = await createAccount({ ...account, ...role, address_proven: true }, by, env);
  return created === "taken" ? "taken" : toPerson(created);
}

/**
 * The same, where Valetkey keeps the people. Without a password nobody signs in yet.
 * @param input.address_proven by a mailed code. Without it only an operator creates an account with a verified address
 */
export async function createAccount(
  {
    email_verified = false,
    claims = {},
    only_as_first,
    password,
    address_proven = false,
    ...input
  }: Omit<NewPerson, "password"> & { password: string | null; address_proven?: boolean },
  by: Actor,
  env: Omit<PeopleEnv, "users">,
): Promise<AccountRecord | "taken"> {
  const by_operator = by.kind === "operator";
  const { claims: first, ...made } = newAccount(input, {
    password_hash: null,
    login_email: null,
    now_ms: env.clock(),
  });
  const said = by_operator ? { ...(input.email && { email_verified }), ...claims } : {};
  const proved = address_proven ? { email_verified: true } : {};
  const all = withoutNulls({ ...first, ...said, ...proved });
  const account = { ...made, claims: all, login_email: verifiedEmail(all) };
  checkPerson(account);
  const password_hash = password === null ? null : await hashPassword(password);
  const record = { ...account, password_hash };
  const { sub } = record;
  const { disabled_at: _, ...after } = describeAccount(record);
  const events = [eventOf("user_created", { by, sub, after }, env)];
  const logins = loginsOf(record);
  return (await env.store.createAccount(record, logins, { only_as_first, events }))
    ? record
    : "taken";
}

async function createElsewhere(
  { email_verified: _, claims: __, ...input }: NewPerson,
  by: Actor,
  env: PeopleEnv,
): Promise<Person | "taken"> {
  return told((await env.users.create?.(input)) ?? "taken", by, env);
}

async function told(
  person: Person | "taken",
  by: Actor,
  env: PeopleEnv,
): Promise<Person | "taken"> {
  if (person === "taken") return "taken";
  const { sub, username, is_admin } = person;
  const after = { username, is_admin };
  await env.store.appendAudit([eventOf("user_created", { by, sub, after }, env)]);
  return person;
}
