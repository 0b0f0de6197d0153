/** A route: a path of the server, and its handlers. */
import type { Context } from "../context.ts";
import type { HttpRequest, HttpResponse } from "./message.ts";

/** Segments of the path by their name in the pattern, decoded. */
export type PathParams = Readonly<Record<string, string>>;

export type Handler = (
  request: HttpRequest,
  ctx: Context,
  params: PathParams,
) => Promise<HttpResponse>;

export interface Route {
  /** Literal segments and `{name}`, which matches one whole segment: `/account/apps/{client_id}`. */
  path: string;
  /**
   * `page`: for people, under the issuer's own origin only. `api`: for clients, under any name.
   * `bare`: answers even when nothing else can.
   */
  kind: "page" | "api" | "bare";
  /** Whether scripts of other origins may call it. */
  cors: boolean;
  /** Whether its calls are limited (`rate_limits`). */
  limited: boolean;
  /** Whether it is asked every few seconds, so that its good answers are not logged. */
  polled: boolean;
  /** Whether it keeps answering while the database is away for long, since it needs no client and no person. */
  outlasts_database: boolean;
  methods: Readonly<Record<string, Handler>>;
  /** The member of the metadata that holds its address, such as `token_endpoint`; null: none. */
  advertised_as: string | null;
}

type Methods = Route["methods"];
type Options = Partial<
  Pick<Route, "cors" | "limited" | "polled" | "advertised_as" | "outlasts_database">
>;

const NOTHING = {
  ...{ cors: false, limited: false, polled: false, advertised_as: null, outlasts_database: false },
};

/** For people: cookies, forms and markup. */
export const page = (path: string, methods: Methods, options: Options = {}): Route => ({
  ...{ kind: "page", path, methods },
  ...NOTHING,
  ...options,
});

/** For clients: scripts of every origin may call it, unless `cors` is false. */
export const api = (path: string, methods: Methods, options: Options = {}): Route => ({
  ...{ kind: "api", path, methods },
  ...NOTHING,
  cors: true,
  ...options,
});

/** For probes. */
export const bare = (path: string, methods: Methods): Route => ({
  ...{ kind: "bare", path, methods },
  ...NOTHING,
});
