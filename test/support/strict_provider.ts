/** A provider on loopback that voids each refresh token at its first use, and ends the session at its second. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

export interface StrictProvider extends AsyncDisposable {
  issuer: string;
  /** The refresh token of a new session. */
  begin(): string;
  /** Refreshes so far. */
  count(): number;
  /** Uses of a token that was void. */
  replays(): number;
  /** The next refresh is carried out, and its answer does not arrive. */
  loseAnswer(): void;
  /** Refreshes are carried out, and their answers wait so many milliseconds. */
  slow(ms: number): void;
}

export async function strictProvider(): Promise<StrictProvider> {
  let [count, replays, next] = [0, 0, 0];
  let losing = false;
  let delay = 0;
  const valid = new Set<string>();
  const server = createServer(async (request, response) => {
    const json = (status: number, body: object) =>
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    if (request.url === "/.well-known/openid-configuration")
      return json(200, {
        ...{ issuer, token_endpoint: `${issuer}/token` },
        authorization_endpoint: `${issuer}/authorize`,
      });
    const presented = new URLSearchParams(await text(request)).get("refresh_token") ?? "";
    if (!valid.delete(presented)) {
      replays += 1;
      valid.clear();
      return json(400, { error: "invalid_grant" });
    }
    count += 1;
    const refresh_token = begin();
    const isLost = losing;
    losing = false;
    if (isLost) return void request.socket.destroy();
    await new Promise((resolve) => setTimeout(resolve, delay).unref());
    return json(200, {
      ...{ access_token: `access ${count}`, token_type: "Bearer", expires_in: 3600 },
      refresh_token,
    });
  });
  const begin = (): string => {
    next += 1;
    valid.add(`refresh ${next}`);
    return `refresh ${next}`;
  };
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    ...{ issuer, begin, count: () => count, replays: () => replays },
    loseAnswer() {
      losing = true;
    },
    slow(ms) {
      delay = ms;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}
