/** A short explanation of every name in requests, responses and tokens. */

const shared: Record<string, string> = {
  client_id: "which app is asking",
  scope: "what it may do",
  nonce: "ties the ID token to this one sign-in",
};

/** Parameters of requests. */
const parameters: Record<string, string> = {
  ...shared,
  redirect_uri: "where to send you back to, known to the server beforehand",
  response_type: "asks for a code, which is worth nothing to whoever overhears it",
  resource: "for which API: the token will open that one and no other",
  state: "comes back unchanged, so that Printly knows the answer belongs to its own question",
  code_challenge: "the fingerprint of a secret that only Printly has",
  code_challenge_method: "how the fingerprint was made",
  prompt: "ask again, also about what was refused before",
  code: "works once, for one minute, and only together with Printly’s own secrets",
  iss: "which server answers, so that no other can pretend to",
  error: "why there is no code",
  error_description: "the same in words",
  grant_type: "what is being traded for tokens",
  code_verifier: "the secret whose fingerprint was sent before: proof that the same app is asking",
  refresh_token: "buys new access tokens, as long as you do not take the permission back",
  token: "the token in question",
  token_type_hint: "what kind it is",
  after: "only what ended since then, in seconds since 1970",
};

/** Claims of tokens, and the members of their headers. */
const claims: Record<string, string> = {
  ...shared,
  alg: "how it is signed",
  typ: "what kind of token it is, so that none is taken for another",
  kid: "which of the server’s keys signed it",
  iss: "who made it",
  sub: "who you are: a number without a name",
  name: "your name, which you let it know",
  preferred_username: "your user name, which belongs to it",
  aud: "for whom it is: anybody else must refuse it",
  exp: "until when it is good",
  iat: "when it was made",
  jti: "its own number",
  client_id: "which app it was given to",
  auth_time: "when you signed in",
  grant_id: "the permission that it rests on; the list of what has ended names it",
  access_epoch: "counts up when access tokens are revoked",
  at_hash: "ties it to the access token beside it",
  sid: "your session at the server",
  amr: "how you proved who you are: pwd is a password",
  acr: "how strong that proof was: one factor, two, or a passkey",
};

export const meaningOf = (name: string, where: "parameter" | "claim"): string | null => {
  const list = where === "parameter" ? parameters : claims;
  return Object.hasOwn(list, name) ? (list[name] ?? null) : null;
};

const TIMES = new Set(["exp", "iat", "auth_time", "nbf"]);

/** A claim's value as people read it: times as times. */
export function readable(name: string, value: unknown): string {
  if (TIMES.has(name) && typeof value === "number")
    return `${value}, that is ${new Date(value * 1000).toISOString().slice(11, 19)} UTC`;
  return typeof value === "string" ? value : JSON.stringify(value);
}
