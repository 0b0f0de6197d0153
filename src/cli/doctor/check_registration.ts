/** Checks that apps can register themselves, where the configuration lets them, and whom it lets in. */
import type { Settings } from "../../config_schema.ts";
import { describeReply, headerOf, isAnswer, isThere, type Reply } from "./ask.ts";
import { type Answers, jsonIn, replyOf } from "./collect.ts";
import { type Finding, leftOut, listed, ok, problem, warning } from "./finding.ts";

type Asked = Pick<Answers, "endpoints" | "registrations">;

/** @returns null: apps can't register themselves, and nothing has to be checked */
export function checkRegistration(
  answers: Asked,
  { mode, allowed_redirect_hosts: hosts, allowed_schemes: schemes }: Settings["registration"],
): Finding | null {
  const check = "registration";
  if (mode === "off") return null;
  const reply = replyOf(answers, "registration_endpoint");
  if (!isThere(reply))
    return problem(
      check,
      `/register does not answer: ${describeReply(reply)}`,
      "restart the server with this configuration, and let the proxy pass on everything below the issuer",
    );
  if (answers.registrations.some(isLimited))
    return leftOut(check, "the server has had enough requests (429)", "try again in a minute");
  const lost = answers.registrations.filter((each) => !isRefusal(each.reply));
  if (lost.length > 0)
    return problem(
      check,
      `apps can't read, change or remove their registration: ${listed(lost.map(describe))}`,
      "let the proxy pass on GET, PUT and DELETE with the Authorization header, and responses as they are",
    );
  if (mode === "open" && hosts.includes("*"))
    return warning(
      check,
      "anybody can register an app with any https redirect URI, under any name",
      'name the hosts in registration.allowed_redirect_hosts, or set registration.mode to "token"',
    );
  if (mode === "token") return ok(check, "holders of an initial access token register apps");
  const allowed = [...hosts, ...schemes.map((scheme) => `${scheme}:`)];
  const also = allowed.length > 0 ? `, and at ${listed(allowed)}` : "";
  return ok(check, `everybody registers apps on their own computer${also}`);
}

const isLimited = ({ reply }: { reply: Reply }): boolean => isAnswer(reply) && reply.status === 429;

/** The answer to a wrong token: 401 in JSON, with a challenge. */
const isRefusal = (reply: Reply): boolean =>
  isAnswer(reply) &&
  reply.status === 401 &&
  jsonIn(reply)?.error === "invalid_token" &&
  /^bearer\b/i.test(headerOf(reply, "www-authenticate") ?? "");

const describe = ({ method, reply }: Answers["registrations"][number]): string =>
  `${method} ${describeReply(reply)}`;
