/** An agent with the client of the official SDK. Of the MCP server it knows the address only. */
import { once } from "node:events";
import { createServer } from "node:http";
import {
  Client,
  type OAuthClientProvider,
  type OAuthDiscoveryState,
  type StoredOAuthTokens,
  StreamableHTTPClientTransport,
  UnauthorizedError,
} from "@modelcontextprotocol/client";

/** Lists the notes of a person, and writes one. When the server asks for access, the person has to open an address. */
export async function runAgent(server: string, client_id: string): Promise<void> {
  const person = await askPerson(client_id);
  try {
    const { client, transport } = await connect(server, person);
    const call = async (name: string, args: Record<string, unknown>) => {
      const tool = () => client.callTool({ name, arguments: args });
      // 403: the token lacks a scope that this tool needs.
      const { content } = await tool().catch(async (error) => {
        await transport.finishAuth(await person.answerTo(error));
        return tool();
      });
      console.log(`${name}: ${content.map((part) => "text" in part && part.text).join()}`);
    };
    await call("list_notes", {});
    await call("write_note", { note: "Buy brass gears" });
    await call("list_notes", {});
    await client.close();
  } finally {
    person.close();
  }
}

async function connect(server: string, person: Person) {
  const client = new Client({ name: "agent", version: "1.0.0" });
  const options = { authProvider: person.provider };
  const transport = new StreamableHTTPClientTransport(new URL(server), options);
  try {
    await client.connect(transport);
    return { client, transport };
  } catch (error) {
    // 401: there is no token yet.
    await transport.finishAuth(await person.answerTo(error));
    return connect(server, person);
  }
}

interface Person {
  provider: OAuthClientProvider;
  /** What came back from the browser, if this error means that the person was asked. */
  answerTo(error: unknown): Promise<URLSearchParams>;
  close(): void;
}

async function askPerson(client_id: string): Promise<Person> {
  const state = crypto.randomUUID();
  const http = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://127.0.0.1");
    const isAnswer = pathname === "/callback" && searchParams.get("state") === state;
    response.writeHead(isAnswer ? 200 : 404, { connection: "close" });
    response.end(isAnswer ? "You may close this window." : "");
    if (isAnswer) http.emit("answer", searchParams);
  });
  await once(http.listen(0, "127.0.0.1"), "listening");
  const address = http.address();
  const port = typeof address === "object" ? address?.port : 0;
  const redirectUrl = `http://127.0.0.1:${port}/callback`;

  let answer: Promise<URLSearchParams[]>;
  // In memory. A real agent keeps them, so that it asks once.
  let verifier = "";
  let tokens: StoredOAuthTokens | undefined;
  let found: OAuthDiscoveryState | undefined;
  return {
    provider: {
      redirectUrl,
      clientMetadata: { redirect_uris: [redirectUrl] },
      clientInformation: (context) => ({ client_id, ...context }),
      state: () => state,
      codeVerifier: () => verifier,
      saveCodeVerifier: (text) => {
        verifier = text;
      },
      tokens: () => tokens,
      saveTokens: (saved) => {
        tokens = saved;
      },
      discoveryState: () => found,
      saveDiscoveryState: (saved) => {
        found = saved;
      },
      redirectToAuthorization(url) {
        answer = once(http, "answer");
        console.log(`\nThe agent asks for ${url.searchParams.get("scope")}. Open\n${url}\n`);
      },
    },
    async answerTo(error) {
      if (!(error instanceof UnauthorizedError)) throw error;
      const [searchParams] = await answer;
      return searchParams ?? new URLSearchParams();
    },
    close: () => http.close(),
  };
}
