/** Reads certificate and key from files, again when they change: a renewed certificate needs no restart. */
import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { createSecureContext } from "node:tls";
import { ConfigError } from "../config.ts";
import type { Log } from "../context.ts";

export interface TlsFiles {
  cert: string;
  key: string;
}
export interface TlsPair {
  cert: Buffer;
  key: Buffer;
}

/** Milliseconds between two checks. Files are polled, since mounted files change without an event. */
const LOOK_EVERY = 5000;

/** @throws ConfigError that names the file, if it can't be read or the two do not belong together */
export function readTls({ cert, key }: TlsFiles): TlsPair {
  const pair = { cert: read("tls.cert", cert), key: read("tls.key", key) };
  try {
    createSecureContext(pair);
    new X509Certificate(pair.cert);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ConfigError(
      `tls: ${cert} and ${key} are not a certificate and its key: ${why}`,
      "both in PEM form; the certificate with its intermediates below it",
    );
  }
  return pair;
}

function read(name: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : cause;
    throw new ConfigError(
      `${name}: ${file} can't be read (${code})`,
      "the user that runs valetkey has to be able to read certificate and key",
    );
  }
}

/** Passes each new pair on. An incomplete or mismatched pair is logged, and the old one stays in use. */
export function watchTls(
  files: TlsFiles,
  { log, every = LOOK_EVERY }: { log: Log; every?: number },
  use: (pair: TlsPair) => void,
): () => void {
  let current = fingerprint(readTls(files));
  let refused: string | null = null;
  const look = (): void => {
    try {
      const pair = readTls(files);
      refused = null;
      if (fingerprint(pair) === current) return;
      use(pair);
      current = fingerprint(pair);
      const { validTo } = new X509Certificate(pair.cert);
      log.info("certificate reloaded", { valid_to: validTo });
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      if (why !== refused) log.warn("certificate not reloaded", { why });
      refused = why;
    }
  };
  // `fs.watchFile` misses a change before its own first look.
  const timer = setInterval(look, every).unref();
  return () => clearInterval(timer);
}

const fingerprint = ({ cert, key }: TlsPair): string =>
  cert.toString("base64") + key.toString("base64");
