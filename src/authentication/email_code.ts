/** Signing in by a code that is mailed to a verified address. It is one factor, and never a part of two. */
import type { Context } from "../context.ts";
import type { Handler } from "../http/route.ts";
import { verifiedAddress } from "../mail/notices.ts";
import { ProofLapsed } from "../sessions/session.ts";
import { type CodeAddressee, type CodeFlow, showCode, takeCode } from "./code_flow.ts";
import { codeMail } from "./code_mail.ts";
import { finishProof } from "./finish_proof.ts";

/**
 * Whose code it is. Each change of a factor, address or password, and the end of all sessions, change it, so that a code
 * of before no longer counts. The same is read for nobody.
 */
export async function personOf(address: string, { users, store }: Context): Promise<CodeAddressee> {
  const found = (await users.findByVerifiedEmail?.(address)) ?? null;
  const person = found && !found.disabled && verifiedAddress(found) !== null ? found : null;
  const { version } = await store.loadFactors(person?.sub ?? "nobody");
  if (!person) return { person: null, about: null };
  const { sub, ends_before = null, sessions_end_before = null } = person;
  return { person, about: JSON.stringify([sub, version, ends_before, sessions_end_before]) };
}

const flow: CodeFlow = {
  use: "sign_in",
  find: personOf,
  write(order, { person, about }, ctx) {
    const to = person && verifiedAddress(person);
    return to === null ? null : codeMail("sign_in", order, { person, about, to }, ctx);
  },
  async proved({ ticket, addressee: { person, about } }, visit) {
    if (!person) return null;
    const { ctx } = visit;
    const holds = async () => (await personOf(ticket.address, ctx)).about === about;
    try {
      return await finishProof({ person, proof: { kind: "email", at: ctx.now }, holds }, visit);
    } catch (error) {
      if (error instanceof ProofLapsed) return null;
      throw error;
    }
  },
};

export const showEmailCode: Handler = (request, ctx) => showCode(flow, request, ctx);
export const takeEmailCode: Handler = (request, ctx) => takeCode(flow, request, ctx);
