/**
 * Records the messages that a site sends and gets. Secrets are shortened at once, so that the record is of no use to a
 * thief.
 */
import { redactBody, redactHeaders, redactUrl, type Shown } from "./redact.ts";

export type Party = "printly" | "server" | "snaps";

/** One message and, in the back channel, its answer. */
export interface Message {
  readonly from: Party;
  readonly to: Party;
  /** `front`: carried by the person's browser, as a redirect. */
  readonly channel: "back" | "front";
  readonly method: string;
  readonly url: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Shown | null;
  readonly answer: Answer | null;
  /** By the clock of this process. Messages are ordered by their start, even if they end later. */
  readonly started: number;
  /** The number of later messages of the same kind, folded into this one. */
  readonly repeated: number;
}

export interface Answer {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Shown | null;
  readonly milliseconds: number;
}

export interface Chapter {
  readonly title: string;
  readonly messages: readonly Message[];
}

export interface Recorder {
  /** The trace of the story. It is sent to other sites, so that they can add their messages. */
  readonly trace: string;
  chapter(title: string): void;
  /** Adds a message that another site has recorded. */
  add(message: Message): void;
  /** Adds a redirect through the browser to `url`. */
  front(from: Party, to: Party, url: URL): void;
  /** A `fetch` that records its requests. */
  fetch(from: Party, to: Party): RecordedFetch;
  chapters(): readonly Chapter[];
  clear(): void;
}

/** The part of `fetch` that the libraries use. */
export type RecordedFetch = (url: string, options: RequestOptions) => Promise<Response>;
interface RequestOptions {
  method: string;
  headers: Record<string, string> | Headers;
  body?: unknown;
  redirect?: "manual";
  signal?: AbortSignal;
}

/** Enough to read, and a bound. */
const MOST_CHAPTERS = 12;
const MOST_MESSAGES = 60;

export function recorder(trace: string): Recorder {
  let chapters: { title: string; messages: Message[] }[] = [];

  function add(message: Message): void {
    const messages = chapters.at(-1)?.messages;
    if (messages && messages.length < MOST_MESSAGES) messages.push(message);
  }

  return {
    trace,
    add,
    chapter(title) {
      // A repeated visit is recorded once.
      if (chapters.at(-1)?.title === title) chapters.pop();
      chapters = chapters.filter(({ messages }) => messages.length > 0).slice(1 - MOST_CHAPTERS);
      chapters.push({ title, messages: [] });
    },
    front(from, to, url) {
      const { url: shown, body } = redactUrl(url);
      const started = performance.now();
      add({
        from,
        to,
        channel: "front",
        method: "GET",
        url: shown,
        headers: [],
        body,
        answer: null,
        started,
        repeated: 0,
      });
    },
    fetch: (from, to) => recordingFetch(from, to, add),
    chapters: () =>
      chapters
        .filter(({ messages }) => messages.length > 0)
        .map(({ title, messages }) => ({ title, messages: fold(messages) })),
    clear() {
      chapters = [];
    },
  };
}

/** Orders messages by their start, and folds many of one kind into the first. */
function fold(messages: readonly Message[]): Message[] {
  const told: Message[] = [];
  for (const message of messages.toSorted((a, b) => a.started - b.started)) {
    const kind = kindOf(message);
    const at = kind === null ? -1 : told.findIndex((each) => kindOf(each) === kind);
    const first = told[at];
    if (first) told[at] = { ...first, repeated: first.repeated + 1 };
    else told.push(message);
  }
  return told;
}

function kindOf({ from, url, answer }: Message): string | null {
  const [kind] = /\.svg$|\/notes$|\/introspect$/.exec(url) ?? [];
  return kind === undefined ? null : `${from} ${kind} ${answer?.status}`;
}

/** Without a story it records nothing. */
export function recordingFetch(
  from: Party,
  to: Party,
  add: (message: Message) => void,
): RecordedFetch {
  return async (url_text, { body = null, ...options }) => {
    const sent = textOf(body);
    const request = new Request(url_text, { ...options, body: sent === "" ? null : sent });
    const started = performance.now();
    const response = await fetch(request);
    const received = await response.text();
    const { url } = redactUrl(new URL(request.url));
    add({
      from,
      to,
      channel: "back",
      method: request.method,
      url,
      headers: redactHeaders(request.headers),
      body: redactBody(sent, request.headers.get("content-type")),
      answer: {
        status: response.status,
        headers: redactHeaders(response.headers),
        body: redactBody(received, response.headers.get("content-type")),
        milliseconds: Math.max(1, Math.round(performance.now() - started)),
      },
      started,
      repeated: 0,
    });
    const bodyless = response.status === 204 || response.status === 304;
    return new Response(bodyless ? null : received, {
      status: response.status,
      headers: response.headers,
    });
  };
}

/** All requests here send text, which has to be read before it is sent. */
function textOf(body: unknown): string {
  if (body === null) return "";
  if (typeof body === "string") return body;
  if (body instanceof URLSearchParams) return body.toString();
  throw new TypeError("only text can be recorded");
}
