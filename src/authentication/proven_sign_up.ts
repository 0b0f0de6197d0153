/**
 * Sign-up with a proven address: a code by mail, then the account. An address that has an account gets the same pages,
 * and a mail that says so. The account is the only row that is written.
 */
import type { Context } from "../context.ts";
import { type HttpResponse, redirect } from "../http/message.ts";
import { pathOf } from "../http/paths.ts";
import type { Handler } from "../http/route.ts";
import { CODE_PAGES, SIGN_UP_ACCOUNT } from "../pages/paths.ts";
import { accountMail } from "./account_mail.ts";
import { type CodeFlow, showCode, takeCode } from "./code_flow.ts";
import { codeMail } from "./code_mail.ts";
import type { SignInVisit } from "./finish_proof.ts";
import { isPlainAddress, sealProvenAddress } from "./proven_address.ts";

const flow: CodeFlow = {
  use: "sign_up",
  accepts: isPlainAddress,
  async find(address, { users }) {
    const person = (await users.findByVerifiedEmail?.(address)) ?? null;
    return { person, about: person ? null : "a new account" };
  },
  write(order, { person, about }, ctx) {
    if (person) return accountMail(person, order.language, ctx);
    return codeMail("sign_up", order, { person, about, to: order.ticket.address }, ctx);
  },
  async proved({ ticket: { address } }, visit) {
    const { ctx, return_to, browser } = visit;
    const proven = sealProvenAddress(address, visit);
    const path = pathOf(ctx, SIGN_UP_ACCOUNT, { ...return_to.hidden, proven });
    return redirect(path, browser.headers);
  },
};

export const showProvenSignUp: Handler = (request, ctx) => showCode(flow, request, ctx);
export const takeProvenSignUp: Handler = (request, ctx) => takeCode(flow, request, ctx);

/** Back to the first page, which says that the code has expired. */
export const proveAgain = ({ return_to, browser }: SignInVisit, ctx: Context): HttpResponse =>
  redirect(pathOf(ctx, CODE_PAGES.sign_up, { ...return_to.hidden, ticket: "-" }), browser.headers);
