/** The mails of a server, in place of a mail server: a sender in code, as an embedding app would write it. */
import { setTimeout as wait } from "node:timers/promises";
import type { Mail, MailSender } from "../../src/mail_sender.ts";
import { createAccount } from "../../src/people/create_person.ts";
import { PASSWORD, type TestServer } from "./server.ts";

export interface Inbox {
  /** For `mail` of the configuration. */
  mail: { from: string; sender: MailSender };
  /** Every mail so far. */
  mails: Mail[];
  /** Waits for the next mail. */
  next(): Promise<Mail>;
  /** Waits until all mails that are due have been sent. */
  settle(server: TestServer): Promise<void>;
}

export function inbox(): Inbox {
  const mails: Mail[] = [];
  let read = 0;
  return {
    mail: {
      from: "id@example.com",
      sender: {
        async send(mail) {
          mails.push(mail);
        },
      },
    },
    mails,
    async next() {
      for (let tries = 0; tries < 500 && mails.length <= read; tries += 1) await wait(10);
      const mail = mails[read];
      if (!mail) throw new Error("no mail has come");
      read += 1;
      return mail;
    },
    settle: ({ server }) => server.mail?.settle() ?? Promise.resolve(),
  };
}

export const codeIn = ({ text }: Pick<Mail, "text">): string =>
  /^ {4}(\d{6})$/m.exec(text)?.[1] ?? "";

/** Every address of the server in a mail. */
export const linksIn = ({ text }: Pick<Mail, "text">): string[] =>
  [...text.matchAll(/^https?:\S+$/gm)].map(([href]) => href);

export const linkIn = (mail: Pick<Mail, "text">): string => linksIn(mail)[0] ?? "";

/** A person with a verified address, which signs in too. */
export async function addVerified(
  { server }: TestServer,
  username: string,
  given: { email?: string; claims?: Record<string, unknown> } = {},
): Promise<string> {
  const { email = `${username}@example.org`, claims = {} } = given;
  const account = await createAccount(
    {
      ...{ username, email, email_verified: true, claims, password: PASSWORD },
      ...{ is_admin: false, only_as_first: false },
    },
    { kind: "operator", id: null, via: "code" },
    server,
  );
  if (account === "taken") throw new Error(`${username} is taken`);
  return account.sub;
}
