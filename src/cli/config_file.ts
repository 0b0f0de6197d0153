/** The configuration file: TypeScript or JavaScript with a default export, or JSON. */
import { existsSync, readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { extname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type Config, ConfigError, parseConfig, together } from "../config.ts";
import { AmbiguousJson, isJsonObject, parseJsonStrictly } from "../oauth/json.ts";

const CODE = new Set([".ts", ".mts", ".js", ".mjs"]);
/** Many people read, show and commit a configuration, so secrets do not belong in it. */
const SECRETS = [
  "secret",
  "previous_secrets",
  "secret_previous",
  "leaked_secrets",
  "secret_leaked",
  "secret_file",
];

/** @throws ConfigError that names the file and the place in it */
export async function readConfigFile(file: string): Promise<Config> {
  if (!existsSync(file))
    throw new ConfigError(`there is no file ${file}`, "name the configuration with --config FILE");
  const extension = extname(file);
  if (!CODE.has(extension) && extension !== ".json")
    throw new ConfigError(
      `${file} is neither TypeScript nor JSON`,
      "its name has to end in .ts, .mts, .js, .mjs or .json",
    );
  const found = extension === ".json" ? readJson(file) : await importCode(file);
  if (!isConfig(found))
    throw new ConfigError(`${file} holds no object`, `${HOW[extension] ?? HOW[".ts"]}`);
  const misplaced = misplacedKeys(found, extension);
  if (misplaced.length === 0) return found;
  // All mistakes are reported at once.
  const names = misplaced.map(({ name }) => name);
  const rest = Object.entries(found).filter(([name]) => !names.includes(name));
  throw together([
    ...misplaced.map(({ problem }) => problem),
    ...problemsOf(Object.fromEntries(rest)),
  ]);
}

interface Misplaced {
  name: string;
  problem: ConfigError;
}

function misplacedKeys(found: Config, extension: string): Misplaced[] {
  const secrets = SECRETS.filter((name) => name in found).map((name) => ({
    name,
    problem: new ConfigError(
      `${name}: does not belong into a configuration`,
      "set VALETKEY_SECRET, or write it to a file and name that with --secret-file",
    ),
  }));
  if (extension !== ".json" || found.users === undefined) return secrets;
  const hint = "write the configuration in TypeScript";
  const problem = new ConfigError("users: is an interface in code", hint);
  return [...secrets, { name: "users", problem }];
}

function problemsOf(config: Config): ConfigError[] {
  try {
    parseConfig(config);
    return [];
  } catch (cause) {
    if (cause instanceof ConfigError) return [cause];
    throw cause;
  }
}

const HOW: Readonly<Record<string, string>> = {
  ".json": 'write { "issuer": "https://id.example.com" }',
  ".ts": 'write export default defineConfig({ issuer: "https://id.example.com" })',
};

/** `parseConfig` checks its content, key by key. */
const isConfig = (value: unknown): value is Config => isJsonObject(value);

function readJson(file: string): unknown {
  const text = readFileSync(file, "utf8");
  try {
    return parseJsonStrictly(text);
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    const why = cause.message.replace(/ in JSON at position.*|, ("|\.\.\.).*/s, "");
    // Only syntax errors have a place.
    const place = cause instanceof AmbiguousJson ? "" : placeIn(text);
    throw new ConfigError(`${file}${place}: ${why}`, HOW[".json"]);
  }
}

/**
 * The place of the first syntax error. The parser does not always report it, so it is the end of the longest valid
 * beginning.
 */
function placeIn(text: string): string {
  let [good, bad] = [0, text.trimEnd().length + 1];
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (couldGoOn(text.slice(0, middle))) good = middle;
    else bad = middle;
  }
  return `:${text.slice(0, good).split("\n").length}`;
}

function couldGoOn(beginning: string): boolean {
  try {
    JSON.parse(beginning);
    return true;
  } catch (error) {
    const { message } = error instanceof Error ? error : new Error();
    return (
      /end of JSON|Unterminated string/.test(message) ||
      message.includes(`at position ${beginning.length} `)
    );
  }
}

async function importCode(file: string): Promise<unknown> {
  provideValetkey();
  const url = pathToFileURL(resolve(file)).href;
  try {
    const { default: config }: { default?: unknown } = await import(url);
    return config;
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause;
    const message = cause instanceof Error ? cause.message : String(cause);
    const stack = cause instanceof Error ? (cause.stack ?? "") : "";
    // The place of the error: the first line of the stack that is in the file itself.
    const line = stack.split(url)[1]?.match(/^:(\d+)/)?.[1] ?? stack.match(/^.*?:(\d+)\n/)?.[1];
    const where = line === undefined ? file : `${file}:${line}`;
    throw new ConfigError(
      `${where}: ${message.split("\n")[0]}`,
      "a configuration is a module of its own: running it with node shows the whole error",
    );
  }
}

let provided = false;

/**
 * Resolves imports of valetkey in a configuration, for `defineConfig`, to the running one. So the file may be in a
 * checkout that is not built, or in a folder without node_modules.
 */
function provideValetkey(): void {
  if (provided) return;
  provided = true;
  const entry = import.meta.url.endsWith(".ts") ? "../index.ts" : "../index.js";
  const url = new URL(entry, import.meta.url).href;
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === "valetkey" ? { url, shortCircuit: true } : next(specifier, context),
  });
}
