/**
 * Response modes: how an authorization response reaches the client (OAuth 2.0 Multiple Response Type Encoding Practices
 * §2.1, OAuth 2.0 Form Post Response Mode §2).
 */

/** Names and values of a response, each name once. */
export type ResponseMembers = readonly (readonly [name: string, value: string])[];

export type Delivery =
  | { by: "redirect"; location: string }
  /** A page whose form the browser posts. */
  | { by: "form"; action: string; fields: ResponseMembers };

/** A mode that signs the response passes one member, the signed response, to the mode that it names. */
export interface ResponseMode {
  /** Whether tokens may travel this way. The query of an address ends up in logs and histories. */
  readonly carries_tokens: boolean;
  /** Whether only an http(s) address can receive it. */
  readonly needs_http: boolean;
  deliver(redirect_uri: string, members: ResponseMembers): Delivery;
}

const encoded = (members: ResponseMembers): string =>
  new URLSearchParams(members.map(([name, value]) => [name, value])).toString();

const modes = {
  query: {
    carries_tokens: false,
    needs_http: false,
    /** A registered query is kept. */
    deliver(redirect_uri, members) {
      const separator = !redirect_uri.includes("?") ? "?" : /[?&]$/.test(redirect_uri) ? "" : "&";
      return { by: "redirect", location: `${redirect_uri}${separator}${encoded(members)}` };
    },
  },
  fragment: {
    carries_tokens: true,
    needs_http: false,
    deliver: (redirect_uri, members) => ({
      by: "redirect",
      location: `${redirect_uri}#${encoded(members)}`,
    }),
  },
  form_post: {
    carries_tokens: true,
    needs_http: true,
    deliver: (redirect_uri, fields) => ({ by: "form", action: redirect_uri, fields }),
  },
} satisfies Record<string, ResponseMode>;

export type ResponseModeName = keyof typeof modes;
export const RESPONSE_MODES: Readonly<Record<ResponseModeName, ResponseMode>> = modes;

const names: readonly string[] = Object.keys(modes);
export const RESPONSE_MODE_NAMES = names as readonly ResponseModeName[];

export const findResponseMode = (text: string | undefined): ResponseModeName | null =>
  RESPONSE_MODE_NAMES.find((name) => name === text) ?? null;
