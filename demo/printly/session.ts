/** Sessions of Printly's visitors: in memory, each under a random name in a cookie. */
import type { AuthorizationServer } from "oauth4webapi";
import { randomText } from "../../src/crypto/hash.ts";
import { type Recorder, recorder } from "../recorder.ts";
import type { TroubleKind } from "./trouble.ts";

export interface Session {
  readonly recorder: Recorder;
  /** Authorization requests in progress, by their `state`. */
  readonly pending: Map<string, Pending>;
  connection: Connection | null;
  /** Said once, on the next page. */
  notice: Notice | null;
  readonly orders: Order[];
  /** Fetched pictures, so that each is fetched once. */
  readonly pictures: Map<string, string>;
  seen_at: number;
}

export interface Pending {
  readonly as: AuthorizationServer;
  readonly code_verifier: string;
  readonly nonce: string;
}

/** The access that a person gave: the tokens never leave this server. */
export interface Connection {
  readonly as: AuthorizationServer;
  readonly sub: string;
  /** Null: the person did not want Printly to know it. */
  readonly name: string | null;
  refresh_token: string;
  /** The token for Snaps, once there was a use for one. */
  access: Access | null;
}

export interface Access {
  readonly token: string;
  /** Seconds since the epoch. */
  readonly expires_at: number;
  /** The scope that was granted. */
  readonly scope: readonly string[];
}

export interface Notice {
  readonly kind: TroubleKind | "disconnected" | "nothing_chosen";
  readonly detail?: string;
}

export interface Order {
  readonly number: number;
  readonly placed_at: Date;
  readonly size: string;
  readonly paper: string;
  readonly photos: readonly Photo[];
  /** Whether Printly wrote on the backs of the photos, as far as it may. */
  readonly noted: boolean;
}

/** A photo, as Snaps describes it. */
export interface Photo {
  readonly id: string;
  readonly title: string;
  readonly alt: string;
  readonly shape: "wide" | "tall" | "square";
  readonly width: number;
  readonly height: number;
  readonly taken: string;
  readonly notes: readonly string[];
}

export interface Sessions {
  find(request: Request): Session | null;
  /** Finds or begins the session of a visitor; @returns also the cookie to set. */
  open(request: Request): { session: Session; cookie: string | null };
  /** Gives the session a new name after a sign-in: the old one is no longer valid. */
  rename(request: Request, session: Session): string;
  /** The session with this trace, to record the messages that other sites sent because of it. */
  traced(trace: string): Session | null;
}

/** A name of its own, since all ports of a host share their cookies. */
const COOKIE = "printly_session";
const IDLE = 12 * 3600_000;
const MOST_SESSIONS = 100;

export function sessions(): Sessions {
  const open = new Map<string, Session>();

  function find(request: Request): Session | null {
    const session = open.get(nameIn(request) ?? "") ?? null;
    if (session) session.seen_at = Date.now();
    return session;
  }

  function keep(session: Session): string {
    for (const [name, { seen_at }] of open) if (seen_at < Date.now() - IDLE) open.delete(name);
    const [oldest] = open.keys();
    if (open.size >= MOST_SESSIONS && oldest !== undefined) open.delete(oldest);
    const name = randomText(32);
    open.set(name, session);
    return `${COOKIE}=${name}; Path=/; HttpOnly; SameSite=Lax`;
  }

  return {
    find,
    open(request) {
      const known = find(request);
      if (known) return { session: known, cookie: null };
      const session = newSession();
      return { session, cookie: keep(session) };
    },
    rename(request, session) {
      open.delete(nameIn(request) ?? "");
      return keep(session);
    },
    traced: (trace) => [...open.values()].find(({ recorder }) => recorder.trace === trace) ?? null,
  };
}

const newSession = (): Session => ({
  recorder: recorder(Buffer.from(randomText(16), "base64url").toString("hex")),
  pending: new Map(),
  connection: null,
  notice: null,
  orders: [],
  pictures: new Map(),
  seen_at: Date.now(),
});

function nameIn(request: Request): string | undefined {
  const cookies = request.headers.get("cookie") ?? "";
  return new RegExp(`(?:^|;\\s*)${COOKIE}=([^;]+)`).exec(cookies)?.[1];
}
