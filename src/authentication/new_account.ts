/** What a person types to get an account, read and judged field by field. */
import type { Context } from "../context.ts";
import type { Params } from "../oauth/params.ts";
import type { AccountErrors, AccountValues } from "../pages/account_fields.ts";
import { isEmail, refuseUsername } from "../people/login.ts";
import { refusePassword } from "../people/password.ts";
import type { Person } from "../people/users.ts";

export interface AccountForm {
  values: AccountValues;
  password: string;
  errors: AccountErrors;
}

const LONGEST_NAME = 100;
const PASSWORD_ERROR = { too_short: "short", too_long: "long", common: "common" } as const;

export function readAccountForm(params: Params, ctx: Context): AccountForm {
  const read = (name: string) => (params.get(name) ?? "").trim();
  const values = { username: read("username"), email: read("email"), name: read("name") };
  const password = params.get("password") ?? "";
  return { values, password, errors: judge(values, password, ctx) };
}

function judge(
  { username, email, name }: AccountValues,
  password: string,
  ctx: Context,
): AccountErrors {
  const problem = passwordProblem(password, ctx);
  return {
    ...(username === "" && { username: "missing" as const }),
    ...(username !== "" && refuseUsername(username) && { username: "invalid" as const }),
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

/** @returns the person, or `taken`. @throws TooBusy when too many passwords are being hashed */
export async function createAccount(
  { values, password }: AccountForm,
  role: { is_admin: boolean; only_as_first: boolean },
  ctx: Context,
): Promise<Person | "taken"> {
  const { username, email, name } = values;
  const account = {
    username,
    password,
    ...(email !== "" && { email }),
    ...(name !== "" && { name }),
    ...role,
  };
  return (await ctx.users.create?.(account)) ?? "taken";
}
