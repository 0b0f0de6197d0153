/** The certificate that a visitor is shown, and what the connection is made of. */
import { isIP } from "node:net";
import { type ConnectionOptions, connect, type TLSSocket } from "node:tls";
import { explainSilence } from "./ask.ts";

export interface TlsFacts {
  /** Such as `TLSv1.3`. */
  protocol: string;
  /** The names that it is for, as the certificate writes them. */
  names: string;
  /** Whether one of them is the host that was asked. */
  name_fits: boolean;
  /** Seconds since the epoch. */
  valid_from: number;
  valid_to: number;
  /** Whether it names itself as its issuer. */
  self_signed: boolean;
  /** OpenSSL's word for what is wrong with the chain; null: nothing. */
  chain_error: string | null;
  /** Whether a connection with TLS 1.1 or older was taken. */
  takes_old: boolean;
}

/** Milliseconds. */
const PATIENCE = 10_000;

/** @returns what was seen, or why nothing was */
export async function inspectTls(issuer: string): Promise<TlsFacts | { silence: string }> {
  const { hostname, port } = new URL(issuer);
  const host = hostname.replace(/^\[(.*)\]$/, "$1");
  const to = { host, port: Number(port || 443), ...(isIP(host) === 0 && { servername: host }) };
  try {
    const [facts, takes_old] = await Promise.all([
      withConnection(to, (socket) => factsOf(socket, host)),
      withConnection({ ...to, ...OLD }, () => true).catch(() => false),
    ]);
    return { ...facts, takes_old };
  } catch (error) {
    return { silence: explainSilence(error, PATIENCE) };
  }
}

/** The libraries of our time refuse these to begin with, unless told otherwise. */
const OLD: ConnectionOptions = {
  minVersion: "TLSv1",
  maxVersion: "TLSv1.1",
  ciphers: "DEFAULT@SECLEVEL=0",
};

function withConnection<T>(to: ConnectionOptions, work: (socket: TLSSocket) => T): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const socket = connect({ ...to, rejectUnauthorized: false, timeout: PATIENCE });
    socket.once("timeout", () => socket.destroy(new DOMException("", "TimeoutError")));
    socket.once("error", reject);
    socket.once("secureConnect", () => {
      try {
        resolve(work(socket));
      } catch (error) {
        reject(error);
      } finally {
        socket.destroy();
      }
    });
  });
}

function factsOf(socket: TLSSocket, host: string): Omit<TlsFacts, "takes_old"> {
  const certificate = socket.getPeerX509Certificate();
  if (!certificate) throw new Error("it shows no certificate");
  const fits = isIP(host) === 0 ? certificate.checkHost(host) : certificate.checkIP(host);
  const seconds = (text: string) => Math.floor(Date.parse(text) / 1000);
  return {
    protocol: socket.getProtocol() ?? "unknown",
    names: certificate.subjectAltName ?? certificate.subject.replaceAll("\n", ", "),
    name_fits: fits !== undefined,
    valid_from: seconds(certificate.validFrom),
    valid_to: seconds(certificate.validTo),
    self_signed: certificate.checkIssued(certificate),
    chain_error: chainError(socket),
  };
}

/** Name and time are looked at by themselves. Typed as an error, and a code in fact. */
function chainError({ authorizationError }: TLSSocket): string | null {
  if (!authorizationError) return null;
  const error: Error | string = authorizationError;
  const code =
    typeof error === "string" ? error : "code" in error ? String(error.code) : error.message;
  return ELSEWHERE.has(code) ? null : code;
}
const ELSEWHERE = new Set([
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "CERT_HAS_EXPIRED",
  "CERT_NOT_YET_VALID",
]);
