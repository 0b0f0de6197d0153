/** Software statements (RFC 7591 §2.3): metadata that somebody else has signed. No issuer of them is trusted here. */
import { OAuthError } from "./errors.ts";

/**
 * Refuses a statement instead of ignoring it: its members would replace those of the request, so an app that sends one
 * relies on it.
 * @throws OAuthError `invalid_software_statement` for a value that is no signed JWT with an issuer,
 * `unapproved_software_statement` for one of an issuer that is not trusted (RFC 7591 §3.2.2)
 */
export function refuseSoftwareStatement(value: unknown): void {
  if (value === undefined || value === null) return;
  const parameter = "software_statement";
  const [header, claims, signature, ...more] = typeof value === "string" ? value.split(".") : [];
  const { alg } = decoded(header);
  const { iss } = decoded(claims);
  const isSigned = typeof alg === "string" && !/^none$/i.test(alg) && Boolean(signature);
  if (!isSigned || typeof iss !== "string" || iss === "" || more.length > 0)
    throw new OAuthError(
      "invalid_software_statement",
      "software_statement is not a signed JWT with an issuer",
      { parameter },
    );
  throw new OAuthError(
    "unapproved_software_statement",
    "no issuer of software statements is trusted here: register without one",
    { parameter, reason: { iss } },
  );
}

function decoded(part = ""): { alg?: unknown; iss?: unknown } {
  try {
    return Object(JSON.parse(Buffer.from(part, "base64url").toString("utf8")));
  } catch {
    return {};
  }
}
