/** Whole flows, in which each request is made from the answers before. A flow counts as one. */
import type { Connection } from "./connection.ts";
import {
  authorizePath,
  fromBrowser,
  get,
  type Material,
  message,
  post,
  redemption,
  type ScenarioName,
} from "./scenarios.ts";

export interface Flow {
  name: ScenarioName;
  title: string;
  run(way: Way, material: Material): Promise<void>;
}

/** What a flow needs beside its material. */
export interface Way {
  /** Sends a request on the connection of the flow, and returns the answer, which has to have this status. */
  exchange(request: string, status: number): Promise<string>;
  /** Another connection, from an address that no other flow has: devices are limited for each address. */
  elsewhere(): Promise<Pick<Way, "exchange"> & Pick<Connection, "close">>;
}

/** The grant type of devices (RFC 8628 §3.4). */
const DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code";

export const FLOWS: readonly Flow[] = [
  {
    name: "discovery_to_token",
    title: "discovery to tokens: metadata, keys, session -> code -> tokens",
    async run({ exchange }, material) {
      await exchange(get("/.well-known/openid-configuration", material), 200);
      await exchange(get("/jwks", material), 200);
      const path = authorizePath(material.client_id);
      const answer = await exchange(get(path, material, fromBrowser(material)), 303);
      const code = locationOf(answer).searchParams.get("code") ?? "";
      holds(await exchange(redemption(material, code), 200), "id_token");
    },
  },
  {
    name: "device_flow",
    title: "device: codes, the person types one and allows, poll -> tokens",
    async run({ exchange, elsewhere }, material) {
      const device = await elsewhere();
      const ask = { scope: "openid photos.read" };
      const codes = await device.exchange(post("/device_authorization", ask, material), 200);
      const { user_code, device_code } = JSON.parse(bodyOf(codes));
      const headers = fromBrowser(material);
      const page = await exchange(get("/device", material, headers), 200);
      const form = { ...fieldsOf(page), user_code };
      const submit = (path: string, fields: Record<string, string>) =>
        follow(message(`POST ${path}`, material, { headers, form: fields }), exchange, (to) =>
          get(to, material, headers),
        );
      const asked = await submit("/device", form);
      const done = await submit("/consent", { ...fieldsOf(asked), decision: "allow" });
      if (!done.startsWith("HTTP/1.1 200")) throw new Error(`not done:\n${done.slice(0, 1000)}`);
      const poll = { grant_type: DEVICE_CODE, device_code };
      holds(await device.exchange(post("/token", poll, material), 200), "access_token");
      device.close();
    },
  },
];

/** A page, or a redirect to one. */
export const ANY = 0;

/** Sends a form and goes on to the page that it leads to, as a browser does. */
async function follow(
  request: string,
  exchange: Way["exchange"],
  go: (path: string) => string,
): Promise<string> {
  let answer = await exchange(request, ANY);
  while (answer.startsWith("HTTP/1.1 303")) {
    const { pathname, search } = locationOf(answer);
    answer = await exchange(go(pathname + search), ANY);
  }
  return answer;
}

export const findFlow = (name: string): Flow | undefined =>
  FLOWS.find((each) => each.name === name);

const bodyOf = (answer: string): string => answer.slice(answer.indexOf("\r\n\r\n") + 4);

function locationOf(answer: string): URL {
  const [, location = ""] = /\r\nlocation: ([^\r]+)/i.exec(answer) ?? [];
  return new URL(location, "http://127.0.0.1");
}

/** The hidden fields of a page. The values that matter have no characters that markup escapes. */
const fieldsOf = (page: string): Record<string, string> =>
  Object.fromEntries(
    [...page.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)].map(
      ([, name = "", value = ""]) => [name, value],
    ),
  );

function holds(answer: string, member: string): void {
  if (!answer.includes(`"${member}":`))
    throw new Error(`an answer without ${member}:\n${answer.slice(0, 1000)}`);
}
