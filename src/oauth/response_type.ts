/**
 * Response types: the parts that an authorization response holds (OAuth 2.0 Multiple Response Type Encoding Practices §3
 * and §5, OpenID Connect Core §3).
 */

/** A part of a response. All but the code come without a request to the token endpoint. */
export type ResponsePart = "code" | "id_token" | "token";

/** In the order in which names of response types list them. */
const PARTS: readonly ResponsePart[] = ["code", "id_token", "token"];

export interface ResponseType {
  /** Its parts in the usual order, as metadata and clients name it. */
  readonly name: string;
  readonly parts: readonly ResponsePart[];
  /** The grant types that a client registers for it (RFC 7591 §2.1). */
  readonly grant_types: readonly string[];
  /** The response mode where the request names none. */
  readonly default_mode: "query" | "fragment";
}

const RESPONSE_TYPES: ReadonlyMap<string, ResponseType> = new Map(
  ["code", "id_token", "id_token token", "token"]
    .concat(["code id_token", "code token", "code id_token token"])
    .map((name) => [name, described(name)]),
);

function described(name: string): ResponseType {
  const words = name.split(" ");
  const parts = PARTS.filter((part) => words.includes(part));
  const in_front = parts.some((part) => part !== "code");
  return {
    name,
    parts,
    grant_types: [
      ...(parts.includes("code") ? ["authorization_code"] : []),
      ...(in_front ? ["implicit"] : []),
    ],
    default_mode: in_front ? "fragment" : "query",
  };
}

/** The response types with tokens in the response itself, which OAuth 2.1 leaves out. */
export const FRONT_CHANNEL_RESPONSE_TYPES: readonly string[] = [...RESPONSE_TYPES.keys()].filter(
  (name) => name !== "code",
);

/** @param text words in any order (RFC 6749 §3.1.1). @returns null for anything else than a known type */
export function findResponseType(text: string): ResponseType | null {
  const usual = RESPONSE_TYPES.get(text);
  if (usual) return usual;
  const words = text.split(" ");
  const name = PARTS.filter((part) => words.includes(part)).join(" ");
  const is_whole = name.length === text.length;
  return (is_whole && RESPONSE_TYPES.get(name)) || null;
}
