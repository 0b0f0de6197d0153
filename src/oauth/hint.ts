/** Hints: the command or setting that lifts a refusal. The log shows them to the operator, and clients do not see them. */

/** A part of `reason` of an `OAuthError` or a `PageError`. */
export type Hint = { readonly hint?: string };

/**
 * People copy a hint into a shell, and an id or a scope may be the text of a stranger: any that a shell could read as
 * something else is left out.
 */
const wordOr = (otherwise: string, text: string): string =>
  /^\w[\w.:/-]*$/.test(text) ? text : otherwise;

/** A command about a client or a person, by its id. */
export const commandHint = (command: string, id: string, flags = ""): Hint => ({
  hint: `valetkey ${command} ${wordOr("ID", id)} ${flags}`.trimEnd(),
});

export const updateHint = (client_id: string, flags: string): Hint =>
  commandHint("client update", client_id, flags);

export const enableHint = (client_id: string): Hint => commandHint("client enable", client_id);

/** @param key as in docs/configuration.md */
export const settingHint = (key: string): Hint => ({ hint: `${key} of the configuration` });

/** A flag that may be repeated replaces its whole list. */
const EACH = "once for each that it may have, since the new list replaces the old one";

export const redirectUriHint = (client_id: string): Hint =>
  updateHint(client_id, `--redirect-uri …, ${EACH}`);

export const grantTypeHint = (client_id: string, grant_type: string): Hint =>
  updateHint(client_id, `--grant-type ${grant_type}, ${EACH}`);

/** A secret would end each installed copy of a public client: it is for another client. @param what to change here */
export const ownClientHint = (what: string): Hint => ({
  hint: `this client is public (auth method none): ${what}. A server or a CI job needs a client of its own: valetkey client add --name NAME`,
});

/** Response types other than the code are set in a file (docs/legacy-grants.md). */
export const responseTypeHint = (
  client_id: string,
  { name, grant_types }: { name: string; grant_types: readonly string[] },
): Hint =>
  name === "code"
    ? grantTypeHint(client_id, "authorization_code")
    : updateHint(
        client_id,
        `--file FILE, with response_types ${name} and grant_types ${grant_types.join(" ")}`,
      );

/** Another API for a client that may ask for some. */
export const mayAskHint = (client_id: string): Hint =>
  updateHint(client_id, `--may-ask …, ${EACH}`);

/** The members of a client that decide on its scopes. */
interface Limited {
  readonly client_id: string;
  readonly registered_scope: readonly string[] | null;
  readonly allowed_scope: readonly string[];
  readonly allowed_resources: readonly string[] | null;
}

/**
 * @param refused scopes that can't be granted to the client
 * @param known the scopes among them that the server knows
 */
export function scopeHint(
  refused: readonly string[],
  known: readonly string[],
  { client_id, registered_scope, allowed_scope, allowed_resources }: Limited,
): Hint {
  if (!refused.every((name) => known.includes(name)))
    return { hint: "describe the scope under `scopes` of the configuration" };
  const missing = refused.filter((name) => !allowed_scope.includes(name));
  // The rest belongs to an API that the client may not ask for, or that the request did not name.
  if (missing.length === 0)
    return allowed_resources === null || refused.length === 0 ? {} : mayAskHint(client_id);
  if (registered_scope) {
    const names = [...registered_scope, ...missing].map((name) => wordOr("…", name));
    return updateHint(client_id, `--scope "${names.join(" ")}"`);
  }
  return { hint: "set `open: true` for the API of this scope, or register the app by command" };
}

export const RESOURCE_HINT: Hint = {
  hint: "describe the API under `resources` of the configuration",
};
export const REQUIRE_RESOURCE_HINT: Hint = {
  hint: "without `require_resource` in the configuration, the token is for the first of these APIs",
};
