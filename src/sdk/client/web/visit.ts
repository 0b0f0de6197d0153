/** One request: the session that came with it, and the cookies that its answer has to set. */
import { type CookieName, cookieLine, readCookie } from "./cookies.ts";
import type { Keeper } from "./keeper.ts";
import { originOf, type Settings } from "./options.ts";
import { endOf, isUnseen, type Session, seconds } from "./session.ts";

export interface Visit {
  readonly request: Request;
  /** Of this app. */
  readonly origin: string;
  /** The sign-in that this request is about: an error page offers it again. */
  wanted: { returnTo?: string; provider?: string | undefined; prompt?: string };
  /** `Set-Cookie` lines that no answer has yet. */
  readonly lines: Map<CookieName, string>;
  session(): Promise<Session | null>;
  cookie(name: CookieName): string | undefined;
  setCookie(name: CookieName, cookie: { value: string; maxAge: number }): void;
  /** A new session, or one whose cookie has to change. @throws AuthError `session_too_large` */
  keep(session: Session): Promise<void>;
  /** A session after a refresh. @throws AuthError `session_too_large` */
  renewed(session: Session): Promise<void>;
  /** The person signs out. */
  end(session: Session): void;
}

/** Calls for one request share what they find. */
export function visitsOf(settings: Settings, keeper: Keeper) {
  const known = new WeakMap<Request, Visit>();
  return {
    /** @throws AuthError `configuration` */
    visitOf(request: Request): Visit {
      const visit = known.get(request) ?? newVisit(request, settings, keeper);
      known.set(request, visit);
      return visit;
    },
    /** The sign-in that a request is about, as far as it is known. */
    wantedBy: (request: Request): Visit["wanted"] => known.get(request)?.wanted ?? {},
    /** Adds the cookies that this request has changed. Nothing is added without a change. */
    commit(request: Request, answer: Response): Response {
      const lines = known.get(request)?.lines;
      if (!lines || lines.size === 0) return answer;
      const committed = withCookies(answer, lines.values());
      lines.clear();
      return committed;
    },
  };
}

/** A copy: the headers of an answer may be fixed. No cache may keep a session for others. */
function withCookies(answer: Response, lines: Iterable<string>): Response {
  const changed = new Response(answer.body, answer);
  for (const line of lines) changed.headers.append("set-cookie", line);
  changed.headers.set("cache-control", "no-store");
  return changed;
}

function newVisit(request: Request, settings: Settings, keeper: Keeper): Visit {
  const origin = originOf(settings, request);
  const lines = new Map<CookieName, string>();
  const cookie = (name: CookieName) => readCookie(request, origin, name);
  let loaded: Promise<Session | null> | null = null;

  const visit: Visit = {
    request,
    origin,
    wanted: {},
    lines,
    cookie,
    session() {
      loaded ??= load();
      return loaded;
    },
    setCookie(name, value) {
      lines.set(name, cookieLine(origin, name, value));
    },
    async keep(session) {
      const maxAge = endOf(session, settings) - seconds();
      visit.setCookie("session", { value: await keeper.cookie(session), maxAge });
      loaded = Promise.resolve(session);
    },
    async renewed(session) {
      if (keeper.isCookie) await visit.keep(session);
      loaded = Promise.resolve(session);
    },
    end(session) {
      visit.setCookie("session", { value: "", maxAge: 0 });
      // Its callback, in the history of a shared computer, is of another browser from now on.
      visit.setCookie("browser", { value: "", maxAge: 0 });
      // A request that is under way may still answer with the old session.
      const maxAge = session.began + settings.lifetime - seconds();
      visit.setCookie("ended", { value: session.id, maxAge });
      loaded = Promise.resolve(null);
    },
  };

  async function load(): Promise<Session | null> {
    const found = await keeper.find(cookie("session") ?? "");
    if (!found) return null;
    const { session, isNewer } = found;
    if (endOf(session, settings) <= seconds()) return null;
    const registered = settings.providers.get(session.provider);
    if (!registered || (await registered.mark) !== session.mark) return null;
    if (cookie("ended") === session.id) return null;
    const seen = isUnseen(session, settings)
      ? await keeper.save({ ...session, seen: seconds() })
      : null;
    if (seen || isNewer) await visit.keep(seen ?? session);
    return seen ?? session;
  }

  return visit;
}
