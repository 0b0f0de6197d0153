/** The address of an SMTP server in the configuration: `smtps://user@host:465` or `smtp://user@host:587`. */

export interface SmtpAddress {
  host: string;
  port: number;
  /** TLS from the first byte (RFC 8314 §3.3); else STARTTLS (RFC 3207). */
  implicit_tls: boolean;
  /** This computer: the only place where TLS may be missing. */
  is_loopback: boolean;
  /** Null: the server asks for no name and password. */
  user: string | null;
}

const PORTS = { smtps: 465, smtp: 587 } as const;
const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|\[?::1\]?)$/;

/**
 * The user name may hold an @, as mail providers have it: the last @ divides.
 * @throws Error that says what is wrong
 */
export function parseSmtpAddress(text: string): SmtpAddress {
  const [, scheme, login, host = "", port] =
    /^(smtps?):\/\/(?:(.*)@)?(\[[\da-f:.]+\]|[^@:/?#\s[\]]+)(?::(\d{1,5}))?\/?$/i.exec(text) ?? [];
  const kind = scheme?.toLowerCase();
  if (kind !== "smtps" && kind !== "smtp")
    throw new Error(
      "must be like smtps://user@mail.example.com or smtp://user@mail.example.com:587",
    );
  if (login?.includes(":"))
    throw new Error("must not hold a password: VALETKEY_SMTP_PASSWORD has it");
  if (Number(port ?? 1) < 1 || Number(port ?? 1) > 65_535) throw new Error(`${port} is not a port`);
  return {
    host: host.replace(/^\[|\]$/g, ""),
    port: port === undefined ? PORTS[kind] : Number(port),
    implicit_tls: kind === "smtps",
    is_loopback: LOOPBACK.test(host.toLowerCase()),
    user: login === undefined || login === "" ? null : decoded(login),
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Error("the user name has a % that begins no escape: write it as %25");
  }
}
