/** JSON from strangers. Ambiguous text is refused, so that no two parsers can read it differently (RFC 8725 §2.4). */

/** The text is JSON that two parsers could read differently. */
export class AmbiguousJson extends SyntaxError {
  override readonly name = "AmbiguousJson";
}

const DEEPEST = 32;
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\]]/g;

/**
 * Parses JSON in which no object repeats a key, none is named `__proto__`, and nothing is nested too deep.
 * @throws SyntaxError when the text is no JSON, AmbiguousJson for the other cases
 */
export function parseJsonStrictly(text: string): unknown {
  const value: unknown = JSON.parse(text);
  const open: (Set<string> | null)[] = [];
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    if (token === "{") open.push(new Set());
    else if (token === "[") open.push(null);
    else if (token === "}" || token === "]") open.pop();
    else if (isKey(text, index + token.length)) checkKey(token, open.at(-1));
    if (open.length > DEEPEST) throw new AmbiguousJson("JSON is nested too deep");
  }
  return value;
}

/** In valid JSON, a string followed by a colon is a key. */
function isKey(text: string, end: number): boolean {
  let at = end;
  while (" \t\n\r".includes(text[at] ?? ".")) at += 1;
  return text[at] === ":";
}

function checkKey(token: string, seen: Set<string> | null | undefined): void {
  const key = String(JSON.parse(token));
  if (key === "__proto__") throw new AmbiguousJson("JSON has a key named __proto__");
  if (seen?.has(key)) throw new AmbiguousJson("JSON repeats a key");
  seen?.add(key);
}

export function isJsonObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An object that JSON can hold unchanged: no Date, no Map, no other class. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (!isJsonObject(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Whether JSON can hold a value unchanged, nested no deeper than the parser here allows. */
export function isJsonValue(value: unknown, depth = 0): boolean {
  if (value === null || typeof value === "string" || typeof value === "boolean") return true;
  if (typeof value === "number") return Number.isFinite(value);
  if (depth >= DEEPEST || !(Array.isArray(value) || isPlainObject(value))) return false;
  return Object.values(value).every((each) => isJsonValue(each, depth + 1));
}
