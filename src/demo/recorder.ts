/** Writes down what a site sends and gets, shortened at once, so that what is kept is worth nothing to a thief. */
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
  /** How many of the same kind came after it, folded into one. */
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
  /** Names the story: sent along to other sites, so that they can add what they did because of it. */
  readonly trace: string;
  chapter(title: string): void;
  /** Adds a message that somebody else saw. */
  add(message: Message): void;
  /** A redirect through the browser; `url` is where it leads. */
  front(from: Party, to: Party, url: URL): void;
  /** A `fetch` that writes down what it does. */
  fetch(from: Party, to: Party): RecordedFetch;
  chapters(): readonly Chapter[];
  clear(): void;
}

/** As much of `fetch` as the libraries ask for. */
export type RecordedFetch = (url: string, options: RequestOptions) => Promise<Response>;
interface RequestOptions {
  method: string;
  headers: Record<string, string> | Headers;
  body?: RequestInit["body"];
  redirect?: "manual";
  signal?: AbortSignal;
}

/** Enough to read, and a bound. */
const MOST_CHAPTERS = 12;
const MOST_MESSAGES = 60;

export function recorder(trace: string): Recorder {
  let chapters: { title: string; messages: Message[] }[] = [];

  function add(message: Message): void {
    const last = chapters.at(-1);
    if (!last) return;
    const previous = last.messages.at(-1);
    if (previous && isPicture(previous) && isPicture(message))
      last.messages.splice(-1, 1, { ...previous, repeated: previous.repeated + 1 });
    else if (last.messages.length < MOST_MESSAGES) last.messages.push(message);
  }

  return {
    trace,
    add,
    chapter(title) {
      // A chapter in which nothing was sent is not worth a heading.
      chapters = chapters.filter(({ messages }) => messages.length > 0).slice(1 - MOST_CHAPTERS);
      chapters.push({ title, messages: [] });
    },
    front(from, to, url) {
      const { url: shown, body } = redactUrl(url);
      add({
        from,
        to,
        channel: "front",
        method: "GET",
        url: shown,
        headers: [],
        body,
        answer: null,
        repeated: 0,
      });
    },
    fetch: (from, to) => recordingFetch(from, to, add),
    chapters: () => chapters.filter(({ messages }) => messages.length > 0),
    clear() {
      chapters = [];
    },
  };
}

/** Pictures come by the dozen; the first of them tells the story. */
const isPicture = ({ from, url }: Message): boolean => from === "printly" && url.endsWith(".svg");

/** Also of use where there is no story to add to: then nothing is kept. */
export function recordingFetch(
  from: Party,
  to: Party,
  add: (message: Message) => void,
): RecordedFetch {
  return async (url_text, { body = null, ...options }) => {
    const request = new Request(url_text, { ...options, body });
    const sent = await request.clone().text();
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
        milliseconds: Math.round(performance.now() - started),
      },
      repeated: 0,
    });
    const bodyless = response.status === 204 || response.status === 304;
    return new Response(bodyless ? null : received, {
      status: response.status,
      headers: response.headers,
    });
  };
}
