/** A real SMTP server on loopback, that takes mail, or does what mail servers do on bad days. */
import { readFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { simpleParser } from "mailparser";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import type { SmtpAddress } from "../../src/mail/smtp_address.ts";

/** A mail as it arrived. */
export interface ReceivedMail {
  from: string;
  to: string;
  /** To whom the server was told to bring it. */
  envelope: { from: string; to: string[] };
  subject: string;
  text: string;
  html: string;
  headers: ReadonlyMap<string, unknown>;
  message_id: string;
  secure: boolean;
  /** As sent. */
  raw: string;
}

/**
 * What the server does next: each mail takes one entry, and the last one stays. `breaks`: the connection ends after the
 * message, without an answer.
 */
export type Behaviour = "accepts" | "breaks" | { rcpt: number } | { data: number };

export interface MailServer extends AsyncDisposable {
  port: number;
  /** For `mail.smtp`. */
  url: string;
  mails: ReceivedMail[];
  behave(...next: Behaviour[]): void;
  /** Waits for the mail after those that `next` has returned. */
  next(): Promise<ReceivedMail>;
  /** Waits until so many mails have arrived, and shows them. */
  arrived(count: number): Promise<ReceivedMail[]>;
  address: SmtpAddress;
}

export interface MailServerOptions {
  /** The certificate of `test/vectors/tls/names`, all of which have one key; left out: no STARTTLS. */
  cert?: "good" | "other" | "expired";
  secure?: boolean;
  user?: { name: string; password: string };
}

const NAMES = "test/vectors/tls/names";
export const MAIL_CA = readFileSync(`${NAMES}/ca.crt`, "utf8");

export async function startMailServer(options: MailServerOptions = {}): Promise<MailServer> {
  const { cert, secure = false, user } = options;
  const mails: ReceivedMail[] = [];
  let [plan, read]: [Behaviour[], number] = [["accepts"], 0];
  const behaviour = (takes: boolean): Behaviour =>
    (takes && plan.length > 1 ? plan.shift() : plan[0]) ?? "accepts";
  const refusal = (responseCode: number) =>
    Object.assign(new Error("5.1.1 not today"), { responseCode });
  const sockets = new Set<Socket>();
  const handlers: SMTPServerOptions = {
    onAuth({ username, password }, _, done) {
      const fits = username === user?.name && password === user?.password;
      done(fits ? null : refusal(535), fits ? { user: username } : undefined);
    },
    onRcptTo(_, __, done) {
      const next = behaviour(false);
      if (typeof next === "string" || !("rcpt" in next)) return done();
      behaviour(true);
      done(refusal(next.rcpt));
    },
    async onData(stream, { envelope, secure: is_secure }, done) {
      const chunks: Buffer[] = [];
      for await (const chunk of stream) chunks.push(chunk);
      const next = behaviour(true);
      if (next === "breaks") {
        for (const socket of sockets) socket.destroy();
        return;
      }
      if (typeof next === "object" && "data" in next) return done(refusal(next.data));
      mails.push(await parsed(Buffer.concat(chunks), envelope, is_secure));
      done(null);
    },
  };
  const server = new SMTPServer({
    ...handlers,
    secure,
    authOptional: user === undefined,
    disabledCommands: [...(user ? [] : ["AUTH"]), ...(cert && !secure ? [] : ["STARTTLS"])],
    ...(cert && {
      cert: readFileSync(`${NAMES}/${cert}.crt`),
      key: readFileSync(`${NAMES}/leaf.key`),
    }),
    logger: false,
    closeTimeout: 100,
  });
  server.on("error", () => {});
  server.server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const port = portOf(server.server.address());
  const arrived = async (count: number) => {
    for (let tries = 0; tries < 500 && mails.length < count; tries += 1) await wait(10);
    if (mails.length < count) throw new Error(`${mails.length} of ${count} mails arrived`);
    return mails;
  };
  return {
    port,
    url: `${secure ? "smtps" : "smtp"}://${user ? `${user.name}@` : ""}127.0.0.1:${port}`,
    mails,
    behave(...next) {
      plan = next;
    },
    async next() {
      read += 1;
      const mail = (await arrived(read))[read - 1];
      if (!mail) throw new Error("no mail");
      return mail;
    },
    arrived,
    address: {
      ...{ host: "127.0.0.1", port, implicit_tls: secure },
      ...{ is_loopback: false, user: user?.name ?? null },
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** A server that takes the connection and never says a word, or greets and hangs at the first command. */
export async function startSilentServer(
  greeting: string | null,
): Promise<AsyncDisposable & { port: number }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    if (greeting !== null) socket.write(`${greeting}\r\n`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: portOf(server.address()),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

const portOf = (address: unknown): number => {
  if (typeof address === "object" && address && "port" in address) return Number(address.port);
  throw new Error("the server has no port");
};

async function parsed(
  raw: Buffer,
  { mailFrom, rcptTo }: { mailFrom: unknown; rcptTo: { address: string }[] },
  secure: boolean,
): Promise<ReceivedMail> {
  const mail = await simpleParser(raw);
  const text = (value: unknown): string =>
    typeof value === "object" && value && "text" in value ? String(value.text) : "";
  return {
    from: text(mail.from),
    to: text(mail.to),
    envelope: {
      from: String(Object(mailFrom).address ?? ""),
      to: rcptTo.map(({ address }) => address),
    },
    subject: mail.subject ?? "",
    text: mail.text ?? "",
    html: mail.html || "",
    headers: mail.headers,
    message_id: mail.messageId ?? "",
    secure,
    raw: raw.toString("latin1"),
  };
}
