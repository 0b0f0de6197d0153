/** A sign-in of a real person in their own browser. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { Client, Provider, Tokens, User } from "../../src/sdk/client/client.ts";

const REDIRECT_URI = "http://localhost:4321/callback";

/** Prints an address, and waits until the person has come back from it. @throws AuthError */
export async function signIn(
  provider: Provider,
  client: Client,
): Promise<{ tokens: Tokens; user: User }> {
  const scope = `${provider.scope.join(" ")} offline_access`;
  const begun = await client.begin({ redirectUri: REDIRECT_URI, scope });
  console.log(`  Register ${REDIRECT_URI} for this client, then open\n  ${begun.url}`);
  const server = createServer().listen(4321, "localhost");
  try {
    for (;;) {
      const [request, response] = await once(server, "request");
      const url = new URL(request.url, REDIRECT_URI);
      response.end("You can close this window.");
      if (url.pathname !== "/callback") continue;
      const tokens = await client.finish(url, begun);
      return { tokens, user: await client.user(tokens) };
    }
  } finally {
    server.closeAllConnections();
    server.close();
  }
}
