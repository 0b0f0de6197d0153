/** Proof that a request comes from the holder of the server's secret: for `valetkey doctor`, which checks proxies. */
import { equalSecrets, hmacSha256 } from "./hash.ts";
import type { DerivedKeys, ServerSecrets } from "./server_secret.ts";

/** The header that carries it. */
export const PROBE_HEADER = "valetkey-probe";
/** Seconds, in both directions: a wrong clock is one of the faults that `doctor` looks for. */
const HOLDS = 300;

/** For five minutes an eavesdropper can use it to ask how the server sees their requests, and for nothing else. */
export const makeProbe = ({ current }: ServerSecrets, now: number): string =>
  signed(current, String(now));

/** @param text as it was received */
export function isGenuineProbe(
  text: string,
  { secrets, now }: { secrets: ServerSecrets; now: number },
): boolean {
  const [secret_id = "", time = ""] = text.split(".");
  const keys = secrets.find(secret_id, "probe");
  if (!keys || !/^\d{1,12}$/.test(time) || Math.abs(Number(time) - now) > HOLDS) return false;
  return equalSecrets(text, signed(keys, time));
}

const signed = ({ secret_id, probe }: DerivedKeys, time: string): string =>
  `${secret_id}.${time}.${hmacSha256(probe, time).toString("base64url")}`;
