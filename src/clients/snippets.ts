/**
 * A program for each kind of app, with the library `openid-client`. The page after registering shows it, and
 * test/snippets.test.ts runs each one.
 */
import type { AppKind } from "../pages/account/connection.ts";

export interface SnippetValues {
  kind: AppKind;
  issuer: string;
  client_id: string;
  redirect_uri: string;
}

/** Null: the answer goes to an address that the program could not receive, such as a scheme of an installed app. */
export function snippetFor(values: SnippetValues): string | null {
  if (values.kind === "web") return web(values);
  if (values.kind === "browser") return browser(values);
  if (values.kind === "device") return device(values);
  return /^http:\/\/(?:127\.0\.0\.1|localhost)(?:[:/]|$)/.test(values.redirect_uri)
    ? terminal(values)
    : null;
}

/** A server without TLS, on this computer only, has to be allowed. */
const insecure = ({ issuer }: SnippetValues, method: string): string =>
  issuer.startsWith("http:") ? `, ${method}, { execute: [client.allowInsecureRequests] }` : "";

/** Values of strangers stand in JavaScript text. */
const text = (value: string): string => JSON.stringify(value);

const web = (values: SnippetValues): string => `// app.mjs
// npm install openid-client
// node --env-file=.env app.mjs
import { createServer } from "node:http";
import * as client from "openid-client";

const { OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET, OIDC_REDIRECT_URI } = process.env;
const issuer = new URL(OIDC_ISSUER);
const config = await client.discovery(issuer, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET${insecure(values, "undefined")});
const callback = new URL(OIDC_REDIRECT_URI);

async function answer(request, response) {
  const url = new URL(request.url, callback);
  if (url.pathname === callback.pathname) {
    const [, pkceCodeVerifier] = /verifier=([^;]+)/.exec(request.headers.cookie) ?? [];
    const checks = { pkceCodeVerifier, idTokenExpected: true };
    const tokens = await client.authorizationCodeGrant(config, url, checks);
    response.end(JSON.stringify(tokens.claims()));
  } else {
    const verifier = client.randomPKCECodeVerifier();
    const location = client.buildAuthorizationUrl(config, {
      redirect_uri: OIDC_REDIRECT_URI,
      scope: "openid profile email",
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
    }).href;
    const cookie = \`verifier=\${verifier}; HttpOnly; SameSite=Lax; Path=/\`;
    response.writeHead(303, { location, "set-cookie": cookie }).end();
  }
}

createServer((request, response) => {
  answer(request, response).catch((error) => response.writeHead(400).end(error.message));
}).listen(callback.port || 3000);`;

const browser = (values: SnippetValues): string => `// npm install openid-client
import * as client from "openid-client";

const issuer = new URL(${text(values.issuer)});
const config = await client.discovery(issuer, ${text(values.client_id)}${insecure(values, "undefined, client.None()")});
const redirect_uri = ${text(values.redirect_uri)};

export async function signIn() {
  const verifier = client.randomPKCECodeVerifier();
  sessionStorage.setItem("verifier", verifier);
  location.href = client.buildAuthorizationUrl(config, {
    redirect_uri,
    scope: "openid profile email",
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
  });
}

// On the page of the redirect URI:
export async function finishSignIn() {
  const pkceCodeVerifier = sessionStorage.getItem("verifier");
  const checks = { pkceCodeVerifier, idTokenExpected: true };
  const url = new URL(location.href);
  const tokens = await client.authorizationCodeGrant(config, url, checks);
  history.replaceState(null, "", redirect_uri);
  return tokens.claims();
}`;

const device = (values: SnippetValues): string => `// app.mjs
// npm install openid-client
// node app.mjs
import * as client from "openid-client";

const issuer = new URL(${text(values.issuer)});
const config = await client.discovery(issuer, ${text(values.client_id)}${insecure(values, "undefined, client.None()")});

const scope = "openid profile email";
const started = await client.initiateDeviceAuthorization(config, { scope });
console.log(\`Open \${started.verification_uri} and enter \${started.user_code}\`);

// Waits for the answer, and asks as often as the server allows.
const tokens = await client.pollDeviceAuthorizationGrant(config, started);
console.log(tokens.claims());`;

const terminal = (values: SnippetValues): string => `// app.mjs
// npm install openid-client
// node app.mjs
import { once } from "node:events";
import { createServer } from "node:http";
import * as client from "openid-client";

const issuer = new URL(${text(values.issuer)});
const config = await client.discovery(issuer, ${text(values.client_id)}${insecure(values, "undefined, client.None()")});

// Any free port of this computer will do.
const callback = new URL(${text(values.redirect_uri)});
const server = createServer().listen(0, callback.hostname);
await once(server, "listening");
callback.port = server.address().port;

const verifier = client.randomPKCECodeVerifier();
const location = client.buildAuthorizationUrl(config, {
  redirect_uri: callback.href,
  scope: "openid profile email",
  code_challenge: await client.calculatePKCECodeChallenge(verifier),
  code_challenge_method: "S256",
});
console.log("Open in a browser:", location.href);

const [request, response] = await once(server, "request");
response.setHeader("connection", "close").end("You can close this window.");
server.close();
const checks = { pkceCodeVerifier: verifier, idTokenExpected: true };
const url = new URL(request.url, callback);
const tokens = await client.authorizationCodeGrant(config, url, checks);
console.log(tokens.claims());`;
