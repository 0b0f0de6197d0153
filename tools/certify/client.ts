/** A client of the certification suite: registered by itself, without PKCE unless it says so. */
import assert from "node:assert/strict";
import type { Page, TestBrowser } from "../../test/support/browser.ts";
import {
  type Answer,
  answerOf,
  goOn,
  isAnswer,
  seenOn,
  verifyIdToken,
  type World,
} from "./world.ts";

export const CALLBACK = "https://rp.test/callback";

export interface Client {
  client_id: string;
  client_secret: string;
  registration_client_uri: string;
  registration_access_token: string;
  [member: string]: unknown;
}

/** The suite sends neither `scope` nor `application_type` (RFC 7591 §2). */
const withDefaults = (metadata: Readonly<Record<string, unknown>>) => ({
  client_name: "Certified app",
  redirect_uris: [CALLBACK],
  grant_types: ["authorization_code", "refresh_token"],
  response_types: ["code"],
  ...metadata,
});

/** A new client: it registers itself, or the operator adds it. */
export async function register(
  world: World,
  metadata: Readonly<Record<string, unknown>> = {},
): Promise<Client> {
  const { clients, command } = world;
  if (clients === "added" && command) {
    const document = { ...withDefaults(metadata), require_pkce: false };
    const input = JSON.stringify(document);
    return JSON.parse(command(["client", "add", "--file", "-", "--json"], input));
  }
  const { status, body } = await tryToRegister(world, metadata);
  assert.equal(status, 201, `registration: ${status} ${JSON.stringify(body)}`);
  return body as Client;
}

export async function tryToRegister(
  world: World,
  metadata: Readonly<Record<string, unknown>>,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const { registration_endpoint } = world.metadata;
  assert.ok(registration_endpoint, "the metadata has no registration_endpoint");
  const response = await fetch(registration_endpoint, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(withDefaults(metadata)),
  });
  return { status: response.status, body: JSON.parse(await response.text()) };
}

export const SCOPES = "openid profile email address phone offline_access";

export function requestOf(
  { client_id }: Pick<Client, "client_id">,
  world: World,
  parameters: Readonly<Record<string, string | undefined>> = {},
): string {
  const all = {
    response_type: "code",
    client_id,
    redirect_uri: CALLBACK,
    scope: "openid",
    state: "af0ifjsldkj",
    ...parameters,
  };
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(all))
    if (value !== undefined) query.append(name, value);
  return `${world.metadata.authorization_endpoint}?${query}`;
}

/** Sends a person through a request, and returns the answer of the server. */
export async function ask(
  client: Client,
  world: World,
  parameters: Readonly<Record<string, string | undefined>> = {},
  browser: TestBrowser = world.browser(),
): Promise<{ answer: Answer; mode: string; page: Page; browser: TestBrowser }> {
  const page = await goOn(await browser.get(requestOf(client, world, parameters)), browser, world);
  assert.ok(isAnswer(page), `no answer to the client: ${seenOn(page)}`);
  return { ...answerOf(page), page, browser };
}

export interface Tokens {
  access_token: string;
  id_token: string;
  refresh_token?: string;
  [member: string]: unknown;
}

export async function atToken(
  { client_id, client_secret, token_endpoint_auth_method: method }: Client,
  world: World,
  parameters: Readonly<Record<string, string>>,
): Promise<{ status: number; headers: Headers; body: Record<string, unknown> }> {
  const body = new URLSearchParams(parameters);
  const headers = new Headers();
  if (method === "client_secret_post") {
    body.set("client_id", client_id);
    body.set("client_secret", client_secret);
  } else if (method !== "private_key_jwt") {
    const credentials = `${encodeURIComponent(client_id)}:${encodeURIComponent(client_secret)}`;
    headers.set("authorization", `Basic ${Buffer.from(credentials).toString("base64")}`);
  }
  const response = await fetch(world.metadata.token_endpoint, { method: "POST", headers, body });
  return {
    status: response.status,
    headers: response.headers,
    body: JSON.parse(await response.text()),
  };
}

export async function redeem(
  client: Client,
  world: World,
  code: string | undefined,
  parameters: Readonly<Record<string, string>> = {},
): Promise<Tokens> {
  const { status, body } = await atToken(client, world, {
    grant_type: "authorization_code",
    code: code ?? "",
    redirect_uri: CALLBACK,
    ...parameters,
  });
  assert.equal(status, 200, `token endpoint: ${status} ${JSON.stringify(body)}`);
  return body as Tokens;
}

/** A whole sign-in. */
export async function signIn(
  client: Client,
  world: World,
  parameters: Readonly<Record<string, string | undefined>> = {},
  browser: TestBrowser = world.browser(),
) {
  const asked = await ask(client, world, parameters, browser);
  assert.equal(asked.answer.error, undefined, JSON.stringify(asked.answer));
  const tokens = await redeem(client, world, asked.answer.code);
  return { ...asked, tokens, ...(await verifyIdToken(tokens.id_token, client.client_id, world)) };
}

export async function userinfo(
  access_token: string,
  world: World,
  init: RequestInit = {},
): Promise<{ status: number; type: string; text: string; claims: Record<string, unknown> }> {
  const headers = { authorization: `Bearer ${access_token}` };
  const response = await fetch(world.metadata.userinfo_endpoint, { headers, ...init });
  const text = await response.text();
  const type = response.headers.get("content-type") ?? "";
  return {
    status: response.status,
    type,
    text,
    claims: type.includes("json") ? JSON.parse(text) : {},
  };
}
