/** A form for a new account that has other mistakes is told at once, too, that its name is taken. */
import type { Context } from "../context.ts";
import type { AccountForm } from "./new_account.ts";
import { mayAskForName } from "./sign_up_limit.ts";

export async function withTakenName(
  form: AccountForm,
  address: string,
  ctx: Context,
): Promise<AccountForm> {
  const { values, errors } = form;
  if (errors.username || !(await mayAskForName(address, ctx))) return form;
  const isTaken = (await ctx.users.findByLogin(values.username)) !== null;
  return isTaken ? { ...form, errors: { ...errors, username: "taken" } } : form;
}
