/** JSON from strangers: one reading only, so that no two parsers see different things in it (RFC 8725 §2.4). */

/** It is JSON, and two parsers could read it differently. */
export class AmbiguousJson extends SyntaxError {
  override readonly name = "AmbiguousJson";
}

const DEEPEST = 32;
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\]]/g;

/**
 * Parses JSON in which no object repeats a key, none is named `__proto__`, and nothing is nested too deep.
 * @throws SyntaxError for what is no JSON, AmbiguousJson for all else
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

/** In valid JSON, a string that is followed by a colon is a key. */
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
