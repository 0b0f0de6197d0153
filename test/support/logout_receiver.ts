/** A relying party that is told of the end of sessions (OpenID Back-Channel Logout), over a real connection. */
import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { createLocalJWKSet, type JWTPayload, jwtVerify } from "jose";
import { at, type Reachable } from "./browser.ts";

export interface Told {
  method: string;
  content_type: string;
  fields: [string, string][];
  at: number;
}

export interface LogoutReceiver extends AsyncDisposable {
  uri: string;
  told: Told[];
  /** Resolves when it was called so many times. */
  until(times: number, seconds?: number): Promise<void>;
  close(): Promise<void>;
}

export type Answer = (response: ServerResponse, times: number, request: IncomingMessage) => unknown;

export const answerWith =
  (status: number, headers: Record<string, string> = {}): Answer =>
  (response) =>
    response.writeHead(status, headers).end();

/** @param answer left out: 200. One that never ends the response hangs. */
export async function logoutReceiver(answer: Answer = answerWith(200)): Promise<LogoutReceiver> {
  const told: Told[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const { method = "", headers } = request;
      const content_type = headers["content-type"] ?? "";
      told.push({ method, content_type, fields: [...new URLSearchParams(body)], at: Date.now() });
      return answer(response, told.length, request);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" ? address?.port : null;
  async function close(): Promise<void> {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  return {
    uri: `http://127.0.0.1:${port}/logout?app=1`,
    told,
    async until(times, seconds = 20) {
      const end = Date.now() + seconds * 1000;
      while (told.length < times) {
        if (Date.now() > end) assert.fail(`called ${told.length} times, not ${times}`);
        await sleep(20);
      }
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Verifies a logout token as Back-Channel Logout §2.6 tells relying parties to. */
export async function claimsOf(
  { fields }: Told,
  server: Reachable & { now(): number },
  audience: string,
): Promise<JWTPayload> {
  const [[name, token = ""] = [], ...more] = fields;
  assert.equal(name, "logout_token");
  assert.deepEqual(more, [], "nothing else is sent");
  const response = await server.fetch(new Request(at(server, "/jwks")));
  const { payload } = await jwtVerify(token, createLocalJWKSet(JSON.parse(await response.text())), {
    issuer: server.issuer,
    audience,
    typ: "logout+jwt",
    currentDate: new Date(server.now() * 1000),
  });
  return payload;
}
