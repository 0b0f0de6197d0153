/** The stories of the command-line tool: what that of each person asked Snaps, as Snaps saw it. */
import { decodeJwt } from "jose";
import { TOOL } from "../apps.ts";
import {
  type Chapter,
  exchangeMessage,
  type Message,
  type Recorder,
  recorder,
} from "../recorder.ts";
import type { Handler } from "../site.ts";

export interface ToolStories {
  /** @param known what Snaps has asked the server, for everybody */
  around(handler: Handler, known: () => Iterable<Message>): Handler;
  /** @param sub the person, as tokens name them; null: whoever used the tool last, as this demo is for one person */
  chapters(sub: string | null): readonly Chapter[];
}

/** Of those who used the tool least recently, the stories are forgotten. */
const MOST_PEOPLE = 100;
const COMMANDS: Readonly<Record<string, string>> = {
  "GET /photos": "snaps ls",
  "POST /photos": "snaps upload",
};

export function toolStories(): ToolStories {
  const stories = new Map<string, Recorder>();

  function storyOf(sub: string): Recorder {
    const story = stories.get(sub) ?? recorder("");
    stories.delete(sub);
    stories.set(sub, story);
    const [oldest] = stories.keys();
    if (stories.size > MOST_PEOPLE && oldest !== undefined) stories.delete(oldest);
    return story;
  }

  return {
    around: (handler, known) => async (request) => {
      const command = COMMANDS[`${request.method} ${new URL(request.url).pathname}`];
      const sub = command === undefined ? null : personOf(request);
      if (command === undefined || sub === null) return handler(request);
      const started = performance.now();
      const asked = await request.clone().text();
      const response = await handler(request);
      // Any other answer, such as 401, may be to a token that somebody has made up.
      if (!response.ok && response.status !== 403) return response;
      const received = await response.clone().text();
      const story = storyOf(sub);
      story.chapter(command, started);
      const ends = { from: "tool", to: "snaps" } as const;
      story.add(exchangeMessage(ends, { request, asked, response, received, started }));
      for (const message of known()) story.add(message);
      return response;
    },
    chapters(sub) {
      const story = sub === null ? [...stories.values()].at(-1) : stories.get(sub);
      return story?.chapters() ?? [];
    },
  };
}

/** The person whose tool asks. Snaps has not verified the token yet. */
function personOf(request: Request): string | null {
  const [, token = ""] = /^Bearer (\S+)$/i.exec(request.headers.get("authorization") ?? "") ?? [];
  try {
    const { client_id, sub } = decodeJwt(token);
    return client_id === TOOL && sub !== undefined ? sub : null;
  } catch {
    // It is no JWT.
    return null;
  }
}
