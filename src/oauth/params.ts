/** Request parameters, from a query, a form or a JSON object (RFC 6749 §3.1, §3.2). */
import { OAuthError } from "./errors.ts";
import { isJsonObject, parseJsonStrictly } from "./json.ts";

/** Parameters as sent. One sent without a value counts as absent (RFC 6749 §3.1). */
export interface Params {
  get(name: string): string | undefined;
  all(name: string): readonly string[];
  readonly names: readonly string[];
}

/** `resource` is the one parameter that may be sent more than once (RFC 8707 §2). */
const REPEATABLE = new Set(["resource"]);

export const NO_PARAMS: Params = { get: () => undefined, all: () => [], names: [] };

/**
 * Parses `application/x-www-form-urlencoded` text.
 * @throws OAuthError `invalid_request` for more than `most` parameters, or one that is repeated
 */
export function parseForm(text: string, most: number): Params {
  if (text === "") return NO_PARAMS;
  return collect(new URLSearchParams(text), most);
}

/**
 * Parses a JSON object whose values are strings; `resource` may be an array of them.
 * @throws OAuthError `invalid_request` for anything else, a key that stands twice included
 */
export function parseJson(text: string, most: number): Params {
  const pairs: [string, string][] = [];
  for (const [name, value] of Object.entries(parseJsonObject(text))) {
    const values = REPEATABLE.has(name) && Array.isArray(value) ? value : [value];
    for (const each of values) {
      if (typeof each !== "string") throw malformed("a value in the JSON body is not a string");
      pairs.push([name, each]);
    }
  }
  return collect(pairs, most);
}

function parseJsonObject(text: string): object {
  try {
    const value = parseJsonStrictly(text);
    if (isJsonObject(value)) return value;
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw malformed("the body is not valid JSON, or repeats a key");
  }
  throw malformed("the JSON body is not an object");
}

function collect(pairs: Iterable<[string, string]>, most: number): Params {
  const values = new Map<string, string[]>();
  let count = 0;
  for (const [name, value] of pairs) {
    count += 1;
    if (count > most) throw malformed("too many parameters");
    const seen = values.get(name);
    if (!seen) values.set(name, [value]);
    else if (REPEATABLE.has(name)) seen.push(value);
    else throw malformed("a parameter is repeated", { parameter: name.slice(0, 100) });
  }
  return {
    get: (name) => values.get(name)?.[0] || undefined,
    all: (name) => (values.get(name) ?? []).filter(Boolean),
    names: [...values.keys()],
  };
}

function malformed(description: string, reason: Record<string, unknown> = {}): OAuthError {
  return new OAuthError("invalid_request", description, { reason });
}
