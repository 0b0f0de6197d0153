/** Proof that a question comes from who has the server's secret: for `valetkey doctor`, which looks at proxies. */
import { equalSecrets, hmacSha256 } from "./hash.ts";
import type { DerivedKeys, ServerSecrets } from "./server_secret.ts";

/** The header that carries it. */
export const PROBE_HEADER = "valetkey-probe";
/** Seconds, in both directions: a clock that is wrong is one of the things that are looked for. */
const HOLDS = 300;

/** An eavesdropper can ask with it, for five minutes, what the server sees of them. It is good for nothing else. */
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
