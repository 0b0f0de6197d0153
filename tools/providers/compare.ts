/** Comparisons of a row with the real provider. Each gives what differs. */
import { isDeepStrictEqual } from "node:util";
import { isJsonObject } from "../../src/oauth/json.ts";
import { AuthError, type Client, type Code, type Provider } from "../../src/sdk/client/client.ts";
import { boundedFetch, readJson } from "../../src/sdk/fetch.ts";
import type { Published } from "./published.ts";

/** @throws AuthError `issuer_unreachable` without a connection */
export async function compareMetadata({ document, members }: Published): Promise<string[]> {
  if (document === null) return [];
  const response = await boundedFetch()(document, { headers: { accept: "application/json" } });
  const real = await readJson(response);
  if (!isJsonObject(real)) return [`${document} has status ${response.status} and no metadata`];
  return Object.entries(members)
    .filter(([name, expected]) => !isDeepStrictEqual(real[name], expected))
    .map(
      ([name, expected]) =>
        `${name} is ${JSON.stringify(real[name])}, expected ${JSON.stringify(expected)}`,
    );
}

/** Codes and tokens that nobody issued: their errors have to be understood. */
export async function compareErrors(provider: Provider, client: Client): Promise<string[]> {
  const redirectUri = "http://localhost:4321/callback";
  const begun = await client.begin({ redirectUri });
  const callback = new URLSearchParams({ code: "nonsense", state: begun.state });
  const { issuer } = provider;
  // Sent where it is announced, and by GitHub.
  if (!issuer.includes("{")) callback.set("iss", issuer);
  return [
    ...(await expectError("a wrong code", "login_expired", client.finish(callback, begun))),
    ...(await expectError("a wrong refresh token", "session_over", client.refresh("nonsense"))),
  ];
}

async function expectError(what: string, code: Code, answer: Promise<unknown>): Promise<string[]> {
  const error = await answer.then(
    () => "no error",
    (reason: unknown) => reason,
  );
  if (error instanceof AuthError && error.code === "issuer_unreachable") throw error;
  if (error instanceof AuthError && error.code === code) return [];
  return [`${what} gives ${error}, expected ${code}`];
}

/** What a refresh does to the refresh token, after a sign-in. */
export async function compareRotation(
  { rotates }: Provider,
  client: Client,
  refreshToken: string,
): Promise<string[]> {
  const renewed = await client.refresh(refreshToken);
  const isReplaced = renewed.refreshToken !== refreshToken;
  if (isReplaced === (rotates === "never"))
    return [
      `a refresh ${isReplaced ? "replaces" : "keeps"} the token, and the row says ${rotates}`,
    ];
  if (!isReplaced) return [];
  const isVoid = await client.refresh(refreshToken).then(
    () => false,
    (error: unknown) => error instanceof AuthError && error.code === "session_over",
  );
  return isVoid === (rotates === "strict")
    ? []
    : [`a used refresh token is ${isVoid ? "void" : "still good"}, and the row says ${rotates}`];
}
