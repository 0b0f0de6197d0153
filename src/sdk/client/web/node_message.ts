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
  /** A form that a middleware has read already: parsed, as a text or as bytes. */
  body?: unknown;
}

/** Its body is read only if somebody asks for it: otherwise the app finds it untouched. */
export function webRequest(node: NodeRequest, { url = node.url, body }: Given = {}): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(node.headers))
    for (const each of [value ?? []].flat()) if (!name.startsWith(":")) headers.append(name, each);
  const { method: asked = "GET" } = node;
  // No `Request` can have these, and none of them opens a page.
  const method = /^(?:CONNECT|TRACE|TRACK)$/i.test(asked) ? "OPTIONS" : asked;
  // Concatenated: a path such as //host must not become a host. The host is believed on loopback addresses only.
  const path = /^\//.test(url ?? "") ? url : "/";
  // A host with a slash would become a path.
  const host = /^[\w.:[\]-]+$/.exec(String(node.headers[":authority"] ?? node.headers.host));
  const address = URL.parse(`http://${host}${path}`) ?? new URL(`http://unknown${path}`);
  if (method === "GET" || method === "HEAD") return new Request(address, { method, headers });
  const sent = readAlready(body) ?? streamOf(node);
  return new Request(address, { method, headers, body: sent, ...HALF });
}

/** Required for streams; not in the type of every runtime. */
const HALF = { duplex: "half" } as const;

/** Null: nobody has read the body. */
function readAlready(body: unknown): string | Uint8Array<ArrayBuffer> | URLSearchParams | null {
  if (typeof body === "string") return body;
  if (body instanceof Uint8Array) return new Uint8Array(body);
  if (typeof body !== "object" || body === null) return null;
  // A parameter that was sent twice is a list, and has to be seen as two.
  const pairs = Object.entries(body).flatMap(([name, value]) =>
    [value].flat().flatMap((each) => (typeof each === "string" ? [[name, each]] : [])),
  );
  return pairs.length > 0 ? new URLSearchParams(pairs) : null;
}

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
