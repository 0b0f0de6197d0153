/** Mail: how it is sent, to whom, and the codes in it. */
import { type Guard, guardsOf } from "./guard.ts";

const TICKET = "src/mail/mail_ticket.test.ts";
const FLOW = "test/flows/email_code.test.ts";
const SIGN_UP = "test/flows/proven_sign_up.test.ts";
const BROWSER = "test/security/browser_session_and_consent.test.ts";
const RESET = "test/flows/reset.test.ts";
const SENDER = "src/mail/smtp_sender.test.ts";

export const mailGuards: readonly Guard[] = [
  ...guardsOf("src/mail/smtp_sender.ts", [SENDER], {
    "mail leaves this computer over TLS only": ["requireTLS: !is_loopback,", ""],
    "a mail has one recipient, whatever the address holds": [
      'if (!canReceiveMail(mail.to)) throw new MailRefused("no mail goes to such an address");',
      "",
    ],
    "the reason of a refusal, which is logged and stored, does not hold the address": [
      '(to === "" ? said : said.replaceAll(to, "…"))',
      "`${said} ${to}`",
    ],
  }),
  ...guardsOf("src/mail/write_mail.ts", ["src/mail/write_mail.test.ts"], {
    "no mail is written to an address that holds two": [
      "if (!mail || !canReceiveMail(to.address)) return null;",
      "if (!mail) return null;",
    ],
    "a subject is one line": ["cleanText(content.subject, 150)", "content.subject"],
  }),
  ...guardsOf("src/mail/mail_address.ts", ["src/mail/smtp_address.test.ts"], {
    "an address that mail programs read as two gets no mail": [" && !SPECIAL.test(address)", ""],
  }),
  ...guardsOf("src/mail/smtp_address.ts", ["src/mail/smtp_address.test.ts"], {
    "no password stands in the configuration": ['if (login?.includes(":"))', "if (false)"],
    "only this computer itself counts as loopback": [
      "is_loopback: LOOPBACK.test(host.toLowerCase()),",
      'is_loopback: host.startsWith("127.") || host.startsWith("localhost"),',
    ],
  }),
  ...guardsOf("src/mail/outbox.ts", ["src/jobs/send_mail.test.ts"], {
    "a stored mail is sealed": [
      'seal(JSON.stringify(mail), PURPOSE, env, "mail")',
      "JSON.stringify(mail)",
    ],
  }),
  ...guardsOf("src/mail/visitors_queue.ts", ["src/mail/visitors_queue.test.ts"], {
    "mails of visitors take bounded memory": ["if (waiting.size >= most) {", "if (false) {"],
  }),
  ...guardsOf("src/mail/mail_limits.ts", ["src/mail/mail_limits.test.ts"], {
    "a network asks for a bounded number of mails": [
      "return [of_network, ...pair(`${name} ${network}`), of_address];",
      "return [...pair(`${name} ${network}`), of_address];",
    ],
    "an address gets a bounded number of mails, from all networks together": [
      "return [of_network, ...pair(`${name} ${network}`), of_address];",
      "return [of_network, ...pair(`${name} ${network}`)];",
    ],
    "strangers do not keep the owner's browser from its mails": [
      "if (known_sub !== null) return pair(`known ${known_sub}`);",
      "",
    ],
  }),
  ...guardsOf("src/mail/mail_ticket.ts", [TICKET], {
    "a ticket belongs to one browser": ["ticket.browser !== browser.id || ", ""],
    "a ticket ends": [" || ticket.expires_at <= ctx.now", ""],
    "a code is for one purpose": [
      "[purpose, ticket_id, address, about]",
      "[ticket_id, address, about]",
    ],
    "wrong codes of a ticket are counted": [
      'if ((await spend([tries], ctx)) > 0) return { problem: "too_many" };',
      "",
    ],
    "a code has to be the right one": ["if (!fits || about === null)", "if (about === null)"],
    "a code is used once": [
      'return first ? { ticket, addressee } : { problem: "used" };',
      "return { ticket, addressee };",
    ],
    "a code belongs to its person and address": [
      "[purpose, ticket_id, address, about]",
      "[purpose, ticket_id]",
    ],
  }),
  ...guardsOf("src/mail/mail_ticket.ts", [FLOW, TICKET], {
    "for nobody's address each code is wrong": ["if (!fits || about === null)", "if (!fits)"],
  }),
  ...guardsOf("src/authentication/code_flow.ts", [FLOW, BROWSER], {
    "a form for a mailed code comes from a page of ours": [
      "  checkForm(request, params, page);\n",
      "",
    ],
    "mails that visitors ask for are limited": ["if (seconds > 0) {", "if (false) {"],
    "a mail is asked for again after a pause": ["if (before && early > 0) {", "if (false) {"],
  }),
  ...guardsOf("src/authentication/email_code.ts", [FLOW], {
    "a disabled person gets no code": ["!found.disabled && ", ""],
    "a new password and a new factor end a code that was mailed before": [
      "JSON.stringify([sub, version, ends_before, sessions_end_before])",
      "JSON.stringify([sub, ends_before, sessions_end_before])",
    ],
    "the end of all access ends a code that was mailed before": [
      "JSON.stringify([sub, version, ends_before, sessions_end_before])",
      "JSON.stringify([sub, version])",
    ],
  }),
  ...guardsOf("src/authentication/proven_address.ts", [SIGN_UP], {
    "a proven address belongs to one browser": ["proven.browser !== browser.id || ", ""],
    "a proven address is proven for a short time": [" || proven.expires_at <= ctx.now", ""],
    "an address in unusual letters takes no login of another mailbox": [
      "foldLogin(address) === address.toLowerCase()",
      "foldLogin(address) !== null",
    ],
  }),
  ...guardsOf("src/authentication/proven_sign_up.ts", [SIGN_UP], {
    "a code makes no second account for an address": [
      'about: person ? null : "a new account"',
      'about: "a new account"',
    ],
  }),
  ...guardsOf("src/authentication/account_mail.ts", [SIGN_UP], {
    "the mail about an account goes to its stored address": [
      "writeMail(content, { address, language",
      "writeMail(content, { address: address.toUpperCase(), language",
    ],
  }),
  ...guardsOf("src/authentication/proven_account.ts", [SIGN_UP, BROWSER], {
    "the form of a proven account comes from a page of ours": [
      "  checkForm(request, params, visitOf(request, ctx));\n",
      "",
    ],
    "accounts with a proven address are limited": ["if (seconds !== null)\n", "if (false)\n"],
    "the address of a new account is the proven one": [
      "readAccountForm(params, ctx, visit.address)",
      "readAccountForm(params, ctx)",
    ],
  }),
  ...guardsOf("src/authentication/new_account.ts", [SIGN_UP], {
    "a new user name holds no @, wherever the people are": [
      "proven !== undefined || keepsPeople(ctx.users)",
      "keepsPeople(ctx.users)",
    ],
  }),
  ...guardsOf("src/people_features.ts", [SIGN_UP], {
    "where there is mail, nobody signs up without a proof": [
      "sign_up && mail !== undefined && createsProven(users)",
      "sign_up && mail === undefined && createsProven(users)",
    ],
  }),
  ...guardsOf("src/config.ts", [SIGN_UP], {
    "no account is created that nobody can sign in to": [
      "if (sign_up && !sign_in.password)",
      "if (false)",
    ],
  }),
  ...guardsOf("src/authentication/reset.ts", [RESET, BROWSER], {
    "a new password by mail needs the code in this session": [
      "return person.sub === open.sub && FIRST.includes(first.kind) && first.at >= open.at;",
      "return person.sub === open.sub && first !== null;",
    ],
    "one proof gives one new password": ["if (version !== open.version) return null;\n", "\n"],
    "the form of a new password comes from a page of ours": [
      "  checkForm(request, params, visitOf(request, ctx));\n",
      "",
    ],
  }),
  ...guardsOf("src/authentication/return_to.ts", [RESET], {
    "the way to a new password belongs to one browser, and ends": [
      "reset.browser === browser.id && reset.expires_at > ctx.now",
      "reset.expires_at > 0",
    ],
  }),
  ...guardsOf("src/people/reset_password.ts", [RESET], {
    "a new password ends sessions and the access of apps": [
      "...{ now: secondsNow(env), grants: true },",
      "now: secondsNow(env),",
    ],
  }),
  ...guardsOf("src/authentication/undo.ts", [RESET, BROWSER], {
    "the undo of a change comes from a page of ours": [
      "  checkForm(request, params, visit);\n",
      "",
    ],
    "the undo of a change acts once": [
      "if (!(await ctx.store.claimOnce(KIND, notice_id, { now: ctx.now, expires_at })))",
      "if (expires_at === 0)",
    ],
  }),
  ...guardsOf("src/factors/change_factors.ts", [RESET], {
    "each change of a factor is told by mail": [
      "change, { events, jobs });",
      "change, { events });",
    ],
  }),
  ...guardsOf("src/mail/notices.ts", [RESET], {
    "the undo of a change ends after a week": [
      "undo && undo.expires_at > ctx.now ? undo : null",
      "undo",
    ],
  }),
  ...guardsOf("src/people/built_in_users.ts", ["src/people/built_in_users.test.ts", FLOW], {
    "a user name proves nothing about an address": [
      "return is_theirs ? toPerson(account) : null;",
      "return account && toPerson(account);",
    ],
  }),
  ...guardsOf("src/mail/mail_link.ts", [TICKET], {
    "a link ends with its code": ["return expires_at > ctx.now ? ", "return true ? "],
  }),
];
