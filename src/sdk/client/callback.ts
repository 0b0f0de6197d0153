/** The checks of a callback, before its code is used (RFC 6749 §4.1.2, RFC 9207 §2.4). */
import type * as oauth from "oauth4webapi";
import { AuthError } from "../errors.ts";
import type { Party } from "./party.ts";
import { refusalOf } from "./refusal.ts";

/**
 * The parameters of a callback that belongs to this sign-in, at this issuer, with a code.
 * @throws AuthError
 */
export async function checkCallback(
  callback: URL | URLSearchParams,
  state: string,
  party: Party,
): Promise<URLSearchParams> {
  const parameters = callback instanceof URL ? callback.searchParams : callback;
  const server = await party.server();
  for (const name of ["state", "iss", "code", "error"]) checkSingle(name, parameters);
  if (parameters.get("state") !== state)
    throw new AuthError("login_elsewhere", "the callback belongs to another sign-in", {
      hint: "let the person sign in again, and keep what begin returned for this browser",
    });
  checkIssuer(parameters.get("iss"), server, party);
  if (parameters.has("error")) {
    const body = Object.fromEntries(parameters);
    throw refusalOf({ body }, { party, asked: "authorization", secrets: [party.secret] });
  }
  if (!parameters.get("code"))
    throw new AuthError("invalid_response", "the callback has neither a code nor an error", {
      hint: "open the address that the provider sends the person back to, unchanged",
    });
  for (const name of OTHER_FLOWS)
    if (parameters.has(name))
      throw new AuthError("invalid_response", `the callback has the parameter ${name}`, {
        hint: "let the provider answer with a code alone, in the settings of this client",
      });
  return parameters;
}

/** Answers of JARM, and of the hybrid and the implicit flow. */
const OTHER_FLOWS = ["response", "id_token", "token"];

/** Two values could be read differently by two programs. */
function checkSingle(name: string, parameters: URLSearchParams): void {
  if (parameters.getAll(name).length <= 1) return;
  throw new AuthError("invalid_response", `the callback has two parameters ${name}`, {
    hint: "open the address that the provider sends the person back to, unchanged",
  });
}

/** Required where the provider announces it, compared wherever it is present. */
function checkIssuer(
  iss: string | null,
  server: oauth.AuthorizationServer,
  { issuer, provider }: Party,
): void {
  const allowed = provider?.tenants?.map((tenant) => issuer.replace("{tenantid}", tenant));
  const isExpected = iss !== null && (iss === issuer || (allowed?.includes(iss) ?? false));
  const isMissing = iss === null && server.authorization_response_iss_parameter_supported === true;
  if (isExpected) return;
  if (iss === null && !isMissing) return;
  const said = isMissing ? "names no issuer" : `says ${JSON.stringify(iss)}`;
  throw new AuthError(
    "issuer_mismatch",
    `the callback ${said}, the configuration ${JSON.stringify(issuer)}`,
    {
      hint: "set issuer to exactly what the provider's own metadata says, if that is the provider you mean",
    },
  );
}
