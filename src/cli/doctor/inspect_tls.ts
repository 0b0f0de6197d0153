/** Collects facts about the certificate and the TLS connection of a visitor. */
import { isIP } from "node:net";
import { type ConnectionOptions, connect, type TLSSocket } from "node:tls";
import { explainSilence } from "./ask.ts";

export interface TlsFacts {
  /** Such as `TLSv1.3`. */
  protocol: string;
  /** The names in the certificate, as written there. */
  names: string;
  /** Whether one of them matches the host. */
  name_fits: boolean;
  /** Seconds since the epoch. */
  valid_from: number;
  valid_to: number;
  /** Whether it is its own issuer. */
  self_signed: boolean;
  /** OpenSSL's error code for the chain; null: none. */
  chain_error: string | null;
  /** Whether the server accepts TLS 1.1 or older. */
  takes_old: boolean;
}

/** Milliseconds. */
const PATIENCE = 10_000;

/** @returns the facts, or the reason why there are none */
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

/** Current libraries refuse these versions unless configured otherwise. */
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

/** Name and time have checks of their own. The member is typed as an error, but holds a code. */
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
