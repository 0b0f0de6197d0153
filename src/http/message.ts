/** Requests and responses as plain values, independent of the HTTP server. */

/** The address of visitors when the embedding program passes none: all of them count as one. */
export const UNKNOWN_ADDRESS = "0.0.0.0";

export interface HttpRequest {
  readonly method: string;
  /** As sent, neither decoded nor normalised, so that router and rules see the same path. */
  readonly path: string;
  /** Without the `?`. */
  readonly query: string;
  /** @param name lower case */
  header(name: string): string | undefined;
  readonly body: string;
  /** Scheme and host of the request, as trusted proxies report them. */
  readonly origin: string;
  /** IP address of the client, as trusted proxies report it. */
  readonly address: string;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: HeaderList;
  /** Text, or the bytes of a picture. */
  readonly body: string | Uint8Array<ArrayBuffer>;
}
export type HeaderList = readonly (readonly [string, string])[];

export const NO_STORE: HeaderList = [
  ["cache-control", "no-store"],
  ["pragma", "no-cache"],
];

/** A browser must not guess that a text response is a page or a script (Fetch §2.2.6). */
const NO_SNIFF = ["x-content-type-options", "nosniff"] as const;
export const JSON_TYPE: HeaderList = [["content-type", "application/json"], NO_SNIFF];
const TEXT_TYPE: HeaderList = [["content-type", "text/plain; charset=utf-8"], NO_SNIFF];
const JSON_NO_STORE: HeaderList = [...JSON_TYPE, ...NO_STORE];

export function json(value: unknown, status = 200, headers: HeaderList = NO_STORE): HttpResponse {
  const all = headers === NO_STORE ? JSON_NO_STORE : [...JSON_TYPE, ...headers];
  return { status, headers: all, body: JSON.stringify(value) };
}

/** @param token a signed answer (OpenID Connect Core §5.3.2) */
export const jwt = (token: string): HttpResponse => ({
  status: 200,
  headers: [["content-type", "application/jwt"], NO_SNIFF, ...NO_STORE],
  body: token,
});

/** 303: the browser goes on with GET after any method. */
export function redirect(location: string, headers: HeaderList = []): HttpResponse {
  const all: HeaderList = [
    ["location", location],
    ["referrer-policy", "no-referrer"],
    ...NO_STORE,
    ...headers,
  ];
  return { status: 303, headers: all, body: "" };
}

export function text(body: string, status = 200, headers: HeaderList = NO_STORE): HttpResponse {
  return { status, headers: [...TEXT_TYPE, ...headers], body };
}

export const withHeaders = (response: HttpResponse, headers: HeaderList): HttpResponse =>
  headers.length === 0 ? response : { ...response, headers: [...response.headers, ...headers] };
