/** Imported by each process of a race between answers at two nodes: a node on a database, with browsers before it. */
import { type FormChoice, type Page, testBrowser } from "./browser.ts";
import { redeem, type TokenBody } from "./flow.ts";
import { type TestClient, testServer } from "./server.ts";
import { SECRET } from "./two_nodes.ts";

/** The cookies of a browser that signed in elsewhere. */
export type Cookies = ReadonlyMap<string, string>;

/** A form of a page with the fields that the person fills in. */
export interface Sending {
  url: string;
  html: string;
  fields: Readonly<Record<string, string | string[]>>;
  form: FormChoice;
}

/** Where the person ends. */
export interface Arrived {
  status: number;
  path: string;
  code: string | null;
  error: string | null;
}

export interface BrowserProcess {
  submit(cookies: Cookies, sending: Sending): Promise<Arrived>;
  /** Opens the address; if a code comes back, the client redeems it at once. Null: there was no code. */
  fetchTokens(cookies: Cookies, address: string, client: TestClient): Promise<TokenBody | null>;
  redeem(client: TestClient, code: string): Promise<TokenBody>;
  close(): Promise<void>;
}

export async function open(database: string): Promise<BrowserProcess> {
  const server = await testServer({ database }, { secret: SECRET });
  const browserWith = (cookies: Cookies) => {
    const browser = testBrowser(server);
    for (const [name, value] of cookies) browser.cookies.set(name, value);
    return browser;
  };
  return {
    async submit(cookies, { url, html, fields, form }) {
      const page = { status: 200, url: new URL(url), html, headers: new Headers() };
      return arrivedAt(await browserWith(cookies).submit(page, fields, form));
    },
    async fetchTokens(cookies, address, client) {
      const { code } = arrivedAt(await browserWith(cookies).get(address));
      return code === null ? null : (await redeem(server, client, code)).body;
    },
    redeem: async (client, code) => (await redeem(server, client, code)).body,
    close: () => server.close(),
  };
}

export const arrivedAt = ({ status, url }: Page): Arrived => ({
  status,
  path: url.pathname,
  code: url.searchParams.get("code"),
  error: url.searchParams.get("error"),
});
