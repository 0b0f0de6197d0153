/** Request parameters, from a query, a form or a JSON object (RFC 6749 §3.1, §3.2). */
import { OAuthError } from "./errors.ts";
import { settingHint } from "./hint.ts";
import { isJsonObject, parseJsonStrictly } from "./json.ts";

/** Parameters as sent. A parameter without a value counts as absent (RFC 6749 §3.1). */
export interface Params {
  get(name: string): string | undefined;
  all(name: string): readonly string[];
  names(): readonly string[];
}

/** `resource` is the only parameter that may be repeated (RFC 8707 §2). */
const REPEATABLE = new Set(["resource"]);

const NONE: readonly string[] = [];
export const NO_PARAMS: Params = { get: () => undefined, all: () => NONE, names: () => NONE };

/** @throws OAuthError `invalid_request` when the parameter is absent or empty */
export function required(params: Params, parameter: string): string {
  const value = params.get(parameter);
  if (value !== undefined) return value;
  throw new OAuthError("invalid_request", `${parameter} is missing`, { parameter });
}

/** Parameters from another source than the text of a request. Their names are distinct, except for repeatable ones. */
export function paramsOf(pairs: readonly (readonly [name: string, value: string])[]): Params {
  const collected = collector(pairs.length);
  for (const [name, value] of pairs) collected.add(name, value);
  return collected.params();
}

/**
 * Parses `application/x-www-form-urlencoded` text.
 * @throws OAuthError `invalid_request` for more than `most` parameters, or a repeated one
 */
export function parseForm(text: string, most: number): Params {
  if (text === "") return NO_PARAMS;
  const collected = collector(most);
  for (const pair of text.split("&")) {
    if (pair === "") continue;
    const at = pair.indexOf("=");
    if (at < 0) collected.add(decode(pair), "");
    else collected.add(decode(pair.slice(0, at)), decode(pair.slice(at + 1)));
  }
  return collected.params();
}

const decode = (text: string): string => (/[%+]/.test(text) ? decodeEscapes(text) : text);

function decodeEscapes(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    // As browsers do: an invalid escape stays, invalid UTF-8 becomes U+FFFD.
    return new URLSearchParams(`value=${text}`).get("value") ?? "";
  }
}

/**
 * Parses a JSON object whose values are strings; `resource` may be an array of them.
 * @throws OAuthError `invalid_request` for anything else, including a repeated key
 */
export function parseJson(text: string, most: number): Params {
  const collected = collector(most);
  for (const [name, value] of Object.entries(parseJsonObject(text))) {
    const values = REPEATABLE.has(name) && Array.isArray(value) ? value : [value];
    for (const each of values) {
      if (typeof each !== "string")
        throw malformed("a value in the JSON body is not a string", name.slice(0, 100));
      collected.add(name, each);
    }
  }
  return collected.params();
}

/** @throws OAuthError `invalid_request` when the text is no JSON object, or repeats a key at any depth */
export function parseJsonObject(text: string): Record<string, unknown> {
  try {
    const value = parseJsonStrictly(text);
    if (isJsonObject(value)) return value;
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw malformed("the body is not valid JSON, or repeats a key");
  }
  throw malformed("the JSON body is not an object");
}

function collector(most: number): { add(name: string, value: string): void; params(): Params } {
  const first = new Map<string, string>();
  const others: { name: string; value: string }[] = [];
  return {
    add(name, value) {
      if (first.size + others.length === most) throw tooMany("too many parameters");
      if (!first.has(name)) first.set(name, value);
      else if (REPEATABLE.has(name)) others.push({ name, value });
      else throw malformed("a parameter is repeated", name.slice(0, 100));
    },
    params: () => ({
      get: (name) => first.get(name) || undefined,
      all(name) {
        if (!first.has(name)) return NONE;
        const more = others.filter((other) => other.name === name).map(({ value }) => value);
        return [first.get(name) ?? "", ...more].filter(Boolean);
      },
      names: () => [...first.keys()],
    }),
  };
}

/** @param description what there is too much of */
export const tooMany = (description: string): OAuthError =>
  new OAuthError("invalid_request", description, { reason: settingHint("limits.parameters") });

const malformed = (description: string, parameter: string | null = null): OAuthError =>
  new OAuthError("invalid_request", description, { parameter });
