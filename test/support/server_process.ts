/** Imported by each process of a race between whole servers: a node on a database, which is sent forms. */
import { at } from "./browser.ts";
import { testServer } from "./server.ts";
import { SECRET } from "./two_nodes.ts";

export interface ServerProcess {
  post(form: Form): Promise<Answered>;
  close(): Promise<void>;
}
export interface Form {
  path: string;
  headers: Readonly<Record<string, string>>;
  fields: Readonly<Record<string, string>>;
}
export interface Answered {
  status: number;
  body: Readonly<Record<string, string>>;
}

export async function open(database: string): Promise<ServerProcess> {
  // Many rounds of one person, on a clock that stands still.
  const config = { database, rate_limits: { changes: 0 } };
  const server = await testServer(config, { secret: SECRET });
  return {
    async post({ path, headers, fields }) {
      const body = new URLSearchParams(fields);
      const request = new Request(at(server, path), { method: "POST", headers, body });
      const response = await server.fetch(request);
      return { status: response.status, body: JSON.parse(await response.text()) };
    },
    close: () => server.close(),
  };
}
