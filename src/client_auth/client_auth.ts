/** Client authentication: picks exactly one method, which must be the registered one (OAuth 2.1 §2.4). */
import { isEnabled } from "../clients/document_client.ts";
import type { ClientAuthMethod, ClientProof, Context, Presented } from "../context.ts";
import type { HttpRequest } from "../http/message.ts";
import { networkOf } from "../http/network.ts";
import { takeFrom } from "../http/rate_limit.ts";
import { isConfidential } from "../oauth/client_metadata.ts";
import { OAuthError, withErrorHeaders } from "../oauth/errors.ts";
import { commandHint, enableHint, type Hint, ownClientHint, updateHint } from "../oauth/hint.ts";
import type { Params } from "../oauth/params.ts";
import type { ClientRecord } from "../store/records.ts";
import { findGrantedClient, type Naming } from "./granted_client.ts";

export interface AuthenticatedClient {
  /** Authenticated, or if public only named. */
  client: ClientRecord;
  proof: ClientProof;
}

/** @throws OAuthError `invalid_client`, or `invalid_request` for more than one method at once */
export async function authenticateClient(
  request: HttpRequest,
  naming: Naming,
  ctx: Context,
): Promise<AuthenticatedClient> {
  try {
    const { method, presented, client_id } = pickMethod(request, naming.params, ctx);
    const { client, ...keys } = await findGrantedClient(client_id, naming, ctx);
    const shown = { ...presented, ...keys, client_id };
    const authenticated = await prove(method, { presented: shown, client }, ctx);
    takeFrom("client", whoseLimit(authenticated.client, request), ctx);
    // This comes last, so that a client that is disabled or over its limit causes no write.
    await authenticated.proof.use?.();
    return authenticated;
  } catch (error) {
    const isRefusal = error instanceof OAuthError && error.error === "invalid_client";
    // A challenge answers an Authorization header (RFC 6749 §5.2). Without one, libraries would show it instead of the
    // error description.
    if (!isRefusal || request.header("authorization") === undefined) throw error;
    throw withErrorHeaders(error, [["www-authenticate", `Basic realm="${ctx.issuer}"`]]);
  }
}

interface Picked {
  method: ClientAuthMethod;
  presented: Presented;
  client_id: string;
}

function pickMethod(request: HttpRequest, params: Params, ctx: Context): Picked {
  let named: Omit<Picked, "client_id"> | undefined;
  let proving: Omit<Picked, "client_id"> | undefined;
  for (const method of ctx.client_auth) {
    const presented = method.present(request, params);
    if (!presented) continue;
    if (presented.credential === null) named = { method, presented };
    else if (proving === undefined) proving = { method, presented };
    else throw new OAuthError("invalid_request", "client authenticates in more than one way");
  }
  const found = proving ?? named;
  const client_id = params.get("client_id");
  const shown = found?.presented.client_id ?? client_id;
  if (!found || shown === undefined) throw refuse("client authentication is missing");
  if (client_id !== undefined && client_id !== shown)
    throw new OAuthError("invalid_request", "client_id is not the one that authenticates", {
      parameter: "client_id",
    });
  return { ...found, client_id: shown };
}

async function prove(
  method: ClientAuthMethod,
  {
    presented,
    client,
  }: { presented: Presented & { client_id: string }; client: ClientRecord | null },
  ctx: Context,
): Promise<AuthenticatedClient> {
  const registered = client?.metadata.token_endpoint_auth_method;
  if (client && registered !== undefined && !method.serves.includes(registered))
    throw refuse(`client is registered for ${registered}`, {
      ...about(method, presented),
      ...methodHint(method, presented, client),
    });
  const proof = await method.prove(presented, client, ctx);
  // The message is the same for an unknown client and for wrong credentials, so that strangers learn nothing. The log
  // tells them apart.
  if (!client || !proof)
    throw refuse("client is not known, or its credentials are wrong", {
      ...about(method, presented),
      ...(client
        ? commandHint("client rotate-secret", client.client_id)
        : { hint: "valetkey client list" }),
    });
  if (!isEnabled(client, ctx))
    throw refuse("client is disabled", {
      ...about(method, presented),
      ...enableHint(client.client_id),
    });
  return { client, proof };
}

/** For the log. */
const about = ({ name }: ClientAuthMethod, { client_id }: { client_id: string }) => ({
  method: name,
  client_id: client_id.slice(0, 200),
});

/** How to make what was presented and what is registered agree. */
function methodHint(
  { name }: ClientAuthMethod,
  { credential }: Presented,
  { client_id, metadata, require_pkce, resource }: ClientRecord,
): Hint {
  const change = (flags: string): Hint => updateHint(client_id, `--auth-method ${flags}`);
  const proves = isConfidential(metadata);
  // golang.org/x/oauth2 tries this first.
  if (!proves && credential === "")
    return {
      hint: "a client without a secret sends client_id in the form only (AuthStyleInParams)",
    };
  if (!proves) return ownClientHint("send its client_id, and no secret or assertion");
  if (credential !== null) return change(name === "private_key_jwt" ? `${name} --jwks FILE` : name);
  // Credentials of an API, and a client that acts for itself, have to prove themselves.
  const must_prove = resource !== null || metadata.grant_types.includes("client_credentials");
  if (must_prove || !require_pkce) return { hint: "let the client send its secret or assertion" };
  return { hint: `let the client send its secret or assertion, or: ${change("none").hint}` };
}

/** Anybody can use the id of a public client, so its requests are counted for each network. */
const whoseLimit = ({ client_id, metadata }: ClientRecord, { address }: HttpRequest): string =>
  isConfidential(metadata) ? client_id : `${client_id} ${networkOf(address)}`;

const refuse = (description: string, reason: Readonly<Record<string, unknown>> = {}): OAuthError =>
  new OAuthError("invalid_client", description, { reason });
