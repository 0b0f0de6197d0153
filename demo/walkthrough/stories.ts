/** The stories of Printly's visitors: who said what because of whom. Printly and Snaps know nothing of it. */
import { AsyncLocalStorage } from "node:async_hooks";
import { randomText } from "../../src/crypto/hash.ts";
import {
  type Chapter,
  frontMessage,
  type Message,
  type Party,
  type Recorder,
  recorder,
  recordingFetch,
} from "../recorder.ts";
import type { Handler } from "../site.ts";
import { toolStories } from "./tool_stories.ts";

/** A site whose messages are recorded. */
export interface Recorded {
  /** Sends the site's requests. */
  fetch: typeof fetch;
  /** Handles its visitors' requests. */
  around(handler: Handler): Handler;
}

export interface Stories {
  printly: Recorded;
  snaps: Recorded;
  /** The story of this visitor. */
  chapters(request: Request): readonly Chapter[];
  /** The story of this person's command-line tool. @param sub the person, as tokens name them */
  toolChapters(sub: string | null): readonly Chapter[];
}

/** Requests that begin a chapter. */
const CHAPTERS: Readonly<Record<string, string>> = {
  "GET /auth/login": "Asking for your permission",
  "GET /ask-again": "Asking for your permission",
  "GET /photos": "Fetching your photos",
  "POST /orders": "Printing",
  "POST /disconnect": "Giving the permission back",
};

/** @param urls origins of the sites */
export function storiesOf(urls: Record<"server" | "snaps" | "printly", string>): Stories {
  const visitors = visitorsOf();
  const tools = toolStories();
  const current = new AsyncLocalStorage<Recorder | null>();
  const [askedByPrintly, askedBySnaps] = [documents(), documents()];
  const to = ({ origin }: URL): Party => (origin === urls.snaps ? "snaps" : "server");
  const record = recordingFetch({ from: "printly", to }, (message) => {
    askedByPrintly.keep(message);
    current.getStore()?.add(message);
  });

  async function visit(handler: Handler, request: Request): Promise<Response> {
    const url = new URL(request.url);
    const title = CHAPTERS[`${request.method} ${url.pathname}`];
    const { story, cookie } = visitors.storyOf(request, title !== undefined);
    if (title !== undefined) story?.chapter(title);
    if (url.pathname === "/auth/callback") story?.add(frontMessage("server", "printly", url));
    const response = await current.run(story, () => handler(request));
    const location = URL.parse(response.headers.get("location") ?? "");
    if (location?.origin === urls.server) {
      story?.restart();
      for (const message of askedByPrintly.all()) story?.add(message);
      story?.add(frontMessage("printly", "server", location));
    }
    if (cookie !== null) response.headers.append("set-cookie", cookie);
    return response;
  }

  return {
    printly: {
      around: (handler) => (request) => visit(handler, request),
      // By its trace (W3C Trace Context), Snaps's messages find the story.
      async fetch(input, init) {
        const headers = new Headers(init?.headers);
        const { trace } = current.getStore() ?? {};
        if (trace !== undefined)
          headers.set("traceparent", `00-${trace}-${"1".padStart(16, "0")}-01`);
        return record(input, { ...init, headers });
      },
    },
    snaps: {
      fetch: recordingFetch({ from: "snaps", to }, askedBySnaps.keep),
      // Snaps asks the server for nothing but documents, often in the background: they tell what it knew.
      around: (handler) => async (request) => {
        const response = await tools.around(handler, askedBySnaps.all)(request);
        const story = visitors.traced(request);
        for (const message of askedBySnaps.all()) story?.add(message);
        return response;
      },
    },
    chapters: (request) => visitors.storyOf(request, false).story?.chapters() ?? [],
    toolChapters: tools.chapters,
  };
}

/** Documents for everybody, such as metadata and keys: of each, the latest that came. */
function documents(): { keep(message: Message): void; all(): Iterable<Message> } {
  const latest = new Map<string, Message>();
  return {
    keep(message) {
      const isPublic = message.to === "server" && message.method === "GET";
      const isAnonymous = message.headers.every(([name]) => name !== "authorization");
      if (isPublic && isAnonymous && message.answer?.status === 200)
        latest.set(message.url, message);
    },
    all: () => latest.values(),
  };
}

/** A name of its own, since all ports of a host share their cookies. */
const COOKIE = "printly_walkthrough";
const IDLE = 12 * 3600_000;
const MOST_VISITORS = 100;

/** Each visitor's story, in memory under a random name in a cookie. */
function visitorsOf() {
  const open = new Map<string, { story: Recorder; seen_at: number }>();

  function find(request: Request): Recorder | null {
    const cookies = request.headers.get("cookie") ?? "";
    const name = new RegExp(`(?:^|;\\s*)${COOKIE}=([^;]+)`).exec(cookies)?.[1];
    const visitor = open.get(name ?? "");
    if (visitor) visitor.seen_at = Date.now();
    return visitor?.story ?? null;
  }

  return {
    /** @returns also the cookie to set, for a story that begins */
    storyOf(request: Request, begins: boolean): { story: Recorder | null; cookie: string | null } {
      const known = find(request);
      if (known || !begins) return { story: known, cookie: null };
      for (const [name, { seen_at }] of open) if (seen_at < Date.now() - IDLE) open.delete(name);
      const [oldest] = open.keys();
      if (open.size >= MOST_VISITORS && oldest !== undefined) open.delete(oldest);
      const story = recorder(Buffer.from(randomText(16), "base64url").toString("hex"));
      const name = randomText(32);
      open.set(name, { story, seen_at: Date.now() });
      return { story, cookie: `${COOKIE}=${name}; Path=/; HttpOnly; SameSite=Lax` };
    },
    traced(request: Request): Recorder | null {
      const [, trace] = /^00-([0-9a-f]{32})-/.exec(request.headers.get("traceparent") ?? "") ?? [];
      const found = [...open.values()].find(({ story }) => story.trace === trace);
      return found?.story ?? null;
    },
  };
}
