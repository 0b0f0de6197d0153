/**
 * Records the messages of one visitor's story. Secrets are shortened at once, so that the record is of no use to a
 * thief.
 */
import { redactBody, redactHeaders, redactUrl, type Shown } from "./redact.ts";

export type Party = "printly" | "server" | "snaps" | "tool";

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
}

export interface Answer {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Shown | null;
  readonly milliseconds: number;
}

/** A message as it is told. */
export interface Told extends Message {
  /** The number of later messages of the same kind, folded into this one. */
  readonly repeated: number;
  /** Sent before the story began, for somebody else. Its answer is still in use. */
  readonly earlier: boolean;
}

export interface Chapter {
  readonly title: string;
  readonly messages: readonly Told[];
}

export interface Recorder {
  /** The trace of the story. It is sent to other sites, so that they can add their messages. */
  readonly trace: string;
  /** @param began left out: now */
  chapter(title: string, began?: number): void;
  /** The story begins with the latest chapter; earlier ones are forgotten. */
  restart(): void;
  /** Adds a message to the latest chapter, unless the story has it. */
  add(message: Message): void;
  chapters(): readonly Chapter[];
}

/** Enough to read, and a bound. */
const MOST_CHAPTERS = 12;
const MOST_MESSAGES = 60;

interface Notes {
  title: string;
  began: number;
  messages: Message[];
}

export function recorder(trace: string): Recorder {
  let chapters: Notes[] = [];
  return {
    trace,
    chapter(title, began = performance.now()) {
      // A repeated visit is recorded once.
      if (chapters.at(-1)?.title === title) chapters.pop();
      chapters = chapters.filter(({ messages }) => messages.length > 0).slice(1 - MOST_CHAPTERS);
      chapters.push({ title, began, messages: [] });
    },
    restart() {
      chapters = chapters.slice(-1);
    },
    add(message) {
      const messages = chapters.at(-1)?.messages;
      const isKnown = chapters.some((chapter) => chapter.messages.includes(message));
      if (messages && !isKnown && messages.length < MOST_MESSAGES) messages.push(message);
    },
    chapters() {
      const began = chapters[0]?.began ?? 0;
      return chapters
        .filter(({ messages }) => messages.length > 0)
        .map(({ title, messages }) => ({ title, messages: told(messages, began) }));
    },
  };
}

/** Orders messages by their start, and folds many of one kind into the first. */
function told(messages: readonly Message[], began: number): Told[] {
  const all: Told[] = [];
  for (const message of messages.toSorted((a, b) => a.started - b.started)) {
    const kind = kindOf(message);
    const at = kind === null ? -1 : all.findIndex((each) => kindOf(each) === kind);
    const first = all[at];
    if (first) all[at] = { ...first, repeated: first.repeated + 1 };
    else all.push({ ...message, repeated: 0, earlier: message.started < began });
  }
  return all;
}

function kindOf({ from, url, answer }: Message): string | null {
  const [kind] = /\.svg$|\/notes$/.exec(url) ?? [];
  return kind === undefined ? null : `${from} ${kind} ${answer?.status}`;
}

/** A redirect through the browser to `url`. */
export function frontMessage(from: Party, to: Party, url: URL): Message {
  const { url: shown, body } = redactUrl(url);
  const message = { channel: "front", method: "GET", headers: [], answer: null } as const;
  return { ...message, from, to, url: shown, body, started: performance.now() };
}

/** A `fetch` that hands on each message and its answer. All of them are texts. */
export function recordingFetch(
  { from, to }: { from: Party; to(url: URL): Party },
  add: (message: Message) => void,
): typeof fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    const asked = await request.clone().text();
    const started = performance.now();
    const response = await fetch(request);
    const received = await response.clone().text();
    const ends = { from, to: to(new URL(request.url)) };
    add(exchangeMessage(ends, { request, asked, response, received, started }));
    return response;
  };
}

/** A request and its answer, which has just come. @param exchange with both bodies as texts */
export function exchangeMessage(
  ends: Pick<Message, "from" | "to">,
  exchange: {
    request: Request;
    asked: string;
    response: Response;
    received: string;
    started: number;
  },
): Message {
  const { request, asked, response, received, started } = exchange;
  const { url, body } = redactUrl(new URL(request.url));
  const { method, headers } = request;
  return {
    ...{ ...ends, channel: "back", method, url, started },
    headers: redactHeaders(headers),
    body: redactBody(asked, headers.get("content-type")) ?? body,
    answer: {
      status: response.status,
      headers: redactHeaders(response.headers),
      body: redactBody(received, response.headers.get("content-type")),
      milliseconds: Math.max(1, Math.round(performance.now() - started)),
    },
  };
}
