/** `valetkey/client/web/express`: `app.use(express(auth))`, for Express 4 and 5 and what is like them. */
import type { LoginOptions } from "./login.ts";
import type { LogoutOptions } from "./logout.ts";
import {
  addHeaders,
  type NodeRequest,
  type NodeResponse,
  sendAnswer,
  webRequest,
} from "./node_message.ts";
import { changedHeaders, type RequestAuth, requestAuth } from "./request_auth.ts";
import type { Auth } from "./web.ts";

/** `req.auth`. */
export interface ExpressAuth extends RequestAuth {
  /** Answers with the way to the provider, and back to this page afterwards. */
  login(o?: LoginOptions): Promise<void>;
  /** Answers with the way out. */
  logout(o?: LogoutOptions): Promise<void>;
  /** Answers with the way to the provider, if a sign-in mends the error. @returns whether it did */
  recover(error: unknown): Promise<boolean>;
}

declare global {
  namespace Express {
    interface Request {
      auth: ExpressAuth;
    }
  }
}

interface ExpressRequest extends NodeRequest {
  originalUrl?: string;
  body?: unknown;
  auth?: ExpressAuth;
}
interface ExpressResponse extends NodeResponse {
  writeHead(...given: never[]): unknown;
}

/**
 * Middleware that answers the addresses of `auth`, and puts `user()`, `token()`, `fetch()`, `login()` and `logout()` on
 * `req.auth`. It can stand before or after parsers of bodies, and sets cookies when the answer begins.
 */
export function express(
  auth: Auth,
): (req: ExpressRequest, res: ExpressResponse, next: (error?: unknown) => void) => Promise<void> {
  return async (req, res, next) => {
    try {
      const { originalUrl: url, body } = req;
      const request = webRequest(req, { url, body });
      const answer = await auth.handle(request);
      if (answer) return await sendAnswer(answer, res);
      req.auth = {
        ...requestAuth(auth, request),
        login: async (o) => sendAnswer(await auth.login(request, o), res),
        logout: async (o) => sendAnswer(await auth.logout(request, o), res),
        recover: async (error) => {
          const way = await auth.recover(request, error);
          if (way) await sendAnswer(way, res);
          return way !== null;
        },
      };
      beforeHead(res, () => addHeaders(res, changedHeaders(auth, request)));
      next();
    } catch (error) {
      next(error);
    }
  };
}

/**
 * Middleware for errors, after all pages: `app.use(recover)`. A person whose session ended meanwhile, or does not reach
 * far enough, signs in and comes back to the page; all other errors go on.
 */
export async function recover(
  error: unknown,
  req: ExpressRequest,
  _res: ExpressResponse,
  next: (error?: unknown) => void,
): Promise<void> {
  try {
    if (!(await req.auth?.recover(error))) next(error);
  } catch (another) {
    next(another);
  }
}

/** Node calls `writeHead` itself, if the app does not. */
function beforeHead(res: ExpressResponse, act: () => void): void {
  const { writeHead } = res;
  res.writeHead = (...given) => {
    act();
    return writeHead.apply(res, given);
  };
}
