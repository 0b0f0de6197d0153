/** Requests and responses of Node, by their shape, as those of the Web. */

export interface NodeRequest extends AsyncIterable<Uint8Array> {
  method?: string | undefined;
  url?: string | undefined;
  headers: Record<string, string | string[] | undefined>;
}

export interface NodeResponse {
  statusCode: number;
  appendHeader(name: string, value: string): unknown;
  setHeader(name: string, value: string): unknown;
  end(body: Uint8Array): unknown;
}

interface Given {
  /** As the browser asked for it, where a router has shortened `url`. */
  url?: string | undefined;
  /** A form that a middleware has read already. */
  body?: unknown;
}

/** Its body is read only if somebody asks for it: otherwise the app finds it untouched. */
export function webRequest(node: NodeRequest, { url = node.url, body }: Given = {}): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(node.headers))
    for (const each of [value ?? []].flat()) if (!name.startsWith(":")) headers.append(name, each);
  const { method = "GET" } = node;
  // Concatenated: a path such as //host must not become a host. The host is believed on loopback addresses only.
  const path = /^\//.test(url ?? "") ? url : "/";
  const host = node.headers[":authority"] ?? node.headers.host;
  const address = URL.parse(`http://${host}${path}`) ?? new URL(`http://unknown${path}`);
  if (method === "GET" || method === "HEAD") return new Request(address, { method, headers });
  const sent = isForm(body) ? new URLSearchParams(body) : streamOf(node);
  return new Request(address, { method, headers, body: sent, ...HALF });
}

/** Required for streams; not in the type of every runtime. */
const HALF = { duplex: "half" } as const;

const isForm = (body: unknown): body is Record<string, string> =>
  typeof body === "object" &&
  body !== null &&
  Object.keys(body).length > 0 &&
  Object.values(body).every((value) => typeof value === "string");

function streamOf(node: NodeRequest): ReadableStream<Uint8Array> {
  let parts: AsyncIterator<Uint8Array> | null = null;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        parts ??= node[Symbol.asyncIterator]();
        const { value, done } = await parts.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
    },
    { highWaterMark: 0 },
  );
}

/** Adds headers; several of one name stay several. */
export function addHeaders(
  to: Pick<NodeResponse, "appendHeader" | "setHeader">,
  from: Headers,
): void {
  for (const [name, value] of from)
    if (name === "set-cookie") to.appendHeader(name, value);
    else to.setHeader(name, value);
}

export async function sendAnswer(answer: Response, to: NodeResponse): Promise<void> {
  const body = await answer.arrayBuffer();
  to.statusCode = answer.status;
  addHeaders(to, answer.headers);
  to.end(new Uint8Array(body));
}
