/** The log of a server: JSON lines for machines, short lines for a person, and never a secret. */
import { styleText } from "node:util";
import { pino } from "pino";
import type { Log, LogFields } from "../context.ts";

/** Fields that could hold a secret, in case they are ever logged. */
const SECRET_FIELDS = (
  "password secret client_secret token access_token refresh_token id_token client_assertion " +
  "code_verifier cookie authorization csrf link"
).split(" ");
/**
 * Codes, refresh and access tokens, client secrets and JWTs, anywhere in a path or a message. A match takes all
 * characters that can belong to it, and nothing is required after them, so that the time is linear in the length of the
 * line.
 */
const SECRETS = /\b(vk[acrsdim]_|eyJ)[\w.-]{8,}/g;
/** Characters that JSON does not escape, although terminals obey them or line readers take them for a line break. */
const CONTROLS = /[\u007f-\u009f\u2028\u2029]/g;
/** Each match has one of these beginnings. Nearly no line has one, and a plain search is much faster. */
const mayHoldSecret = (text: string): boolean => text.includes("vk") || text.includes("eyJ");
const withoutSecrets = (text: string): string =>
  mayHoldSecret(text) ? text.replace(SECRETS, (_, prefix) => `${prefix}…`) : text;
const escaped = (text: string): string =>
  text.replace(CONTROLS, (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, "0")}`);
const mask = (text: string): string => escaped(withoutSecrets(text));

export interface LogOptions {
  /** JSON lines, or lines for a person. */
  json: boolean;
  write: (line: string) => void;
  /** The number of the worker, if there are several processes. */
  worker?: number;
}

export function createLog({ json, write, worker }: LogOptions): Log {
  const timestamp = isoTime();
  const logger = pino(
    {
      base: worker === undefined ? null : { worker },
      messageKey: "event",
      timestamp,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: SECRET_FIELDS, censor: "…" },
    },
    { write: (line: string) => write(mask(json ? line : readable(line))) },
  );
  const at =
    (level: "info" | "warn" | "error") =>
    (event: string, fields: LogFields = {}) =>
      logger[level](fields, event);
  const from = worker === undefined ? "" : `,"worker":${worker}`;
  const info = at("info");
  return {
    info(event, fields = {}) {
      const members = json && event === "request" ? membersOf(fields) : null;
      if (members === null) return info(event, fields);
      write(mask(`{"level":"info"${timestamp()}${from}${members},"event":"request"}\n`));
    },
    warn: at("warn"),
    error: at("error"),
  };
}

/**
 * The fields of a request, as pino writes them. The line of each request is made by hand, since pino takes twice as
 * long. Null: there is a field that pino has to write.
 */
function membersOf(fields: LogFields): string | null {
  for (const name in fields) {
    const value = fields[name];
    const isPlain = typeof value === "string" || Number.isFinite(value);
    if (!isPlain || !REQUEST_FIELDS.has(name)) return null;
  }
  const text = JSON.stringify(fields).slice(1, -1);
  return text === "" ? "" : `,${text}`;
}
const REQUEST_FIELDS = new Set(["event_id", "method", "route", "path", "status", "ms", "address"]);

/**
 * As `pino.stdTimeFunctions.isoTime`, but formatted once for all lines of a millisecond: this is half of the cost of a
 * line.
 */
function isoTime(): () => string {
  let at = 0;
  let text = "";
  return () => {
    const now = Date.now();
    if (now !== at) text = `,"time":"${new Date(now).toISOString()}"`;
    at = now;
    return text;
  };
}

/** `14:02:11  303  GET /authorize  4 ms  IzQ2…`, or the event with its fields. */
function readable(line: string): string {
  const { level, time, event, ...fields } = JSON.parse(line);
  const at = styleText("dim", new Date(time).toTimeString().slice(0, 8));
  if (event === "request") {
    const { status, method, route, path, ms, event_id } = fields;
    const code = styleText(status < 400 ? "green" : status < 500 ? "yellow" : "red", `${status}`);
    return `${at}  ${code}  ${method} ${route ?? path}  ${styleText("dim", `${ms} ms  ${event_id}`)}\n`;
  }
  const mark = level === "info" ? "" : `${styleText(level === "warn" ? "yellow" : "red", level)}  `;
  const rest = Object.entries(fields).map(([name, value]) => `${name}=${shown(value)}`);
  return `${at}  ${mark}${event}  ${styleText("dim", rest.join("  "))}\n`;
}

const shown = (value: unknown): string =>
  typeof value === "string" && /^[\x21-\x7e]+$/.test(value) ? value : JSON.stringify(value);

/** A pipe takes 4 KiB atomically: longer pieces could be mixed with lines of another worker. */
const LONGEST_PIECE = 3000;

/**
 * Gathers the lines of one event-loop turn, since each write is a system call.
 * @returns a function that takes lines; waiting lines are still written when the process ends
 */
export function gatheredOutput(write: (text: string) => void): (line: string) => void {
  let waiting = "";
  const flush = (): void => {
    const text = waiting;
    waiting = "";
    if (text !== "") write(text);
  };
  process.once("exit", flush);
  return (line) => {
    if (waiting.length + line.length > LONGEST_PIECE) flush();
    if (waiting === "") setImmediate(flush);
    waiting += line;
  };
}
