/** Reads and checks the form for a new account, field by field. */
import type { Context } from "../context.ts";
import type { Params } from "../oauth/params.ts";
import type { AccountErrors, AccountValues } from "../pages/account_fields.ts";
import { keepsPeople } from "../people/built_in_users.ts";
import type { NewPerson } from "../people/create_person.ts";
import { isEmail, refuseUsername } from "../people/login.ts";
import { refusePassword } from "../people/password.ts";
import { posesAsAddress } from "../people/rules.ts";

export interface AccountForm {
  values: AccountValues;
  password: string;
  errors: AccountErrors;
}

const LONGEST_NAME = 100;
const PASSWORD_ERROR = { too_short: "short", too_long: "long", common: "common" } as const;

/** @param proven the address that was proved, in place of a typed one */
export function readAccountForm(params: Params, ctx: Context, proven?: string): AccountForm {
  const read = (name: string) => (params.get(name) ?? "").trim();
  const email = proven ?? read("email");
  const values = { username: read("username"), email, name: read("name") };
  const password = params.get("password") ?? "";
  return { values, password, errors: judge(values, { password, proven }, ctx) };
}

function judge(
  { username, email, name }: AccountValues,
  { password, proven }: { password: string; proven: string | undefined },
  ctx: Context,
): AccountErrors {
  const problem = passwordProblem(password, ctx);
  // A user name holds no @, the own address not either. Without a proof of addresses, an embedding app that keeps the
  // people decides which names sign in.
  const judged_here = proven !== undefined || keepsPeople(ctx.users);
  const poses = judged_here && posesAsAddress(username, null);
  const invalid = username !== "" && (refuseUsername(username) !== null || poses);
  return {
    ...(username === "" && { username: "missing" as const }),
    ...(invalid && { username: "invalid" as const }),
    ...(email !== "" && !isEmail(email) && { email: "invalid" as const }),
    ...(name.length > LONGEST_NAME && { name: "long" as const }),
    ...(problem && { password: problem }),
  };
}

export function passwordProblem(
  password: string,
  { settings }: Context,
): "missing" | "short" | "long" | "common" | null {
  if (password === "") return "missing";
  const problem = refusePassword(password, settings.limits.password);
  return problem && PASSWORD_ERROR[problem];
}

export const isFaultless = ({ errors }: AccountForm): boolean => Object.keys(errors).length === 0;

/** The same as the input of `createPerson`. */
export function newPersonOf(
  { values, password }: AccountForm,
  role: { is_admin: boolean; only_as_first: boolean },
): NewPerson {
  const { username, email, name } = values;
  return {
    username,
    password,
    ...(email !== "" && { email }),
    ...(name !== "" && { name }),
    ...role,
  };
}
