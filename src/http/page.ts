/** Pages as responses: language, document and the headers that protect them (RFC 9700 §4.16, HTTP hygiene). */
import type { Context } from "../context.ts";
import type { RedirectUriMismatch } from "../oauth/redirect_uri_mismatch.ts";
import { remember } from "../oauth/remember.ts";
import { renderDocument } from "../pages/document.ts";
import { type AppToGoTo, type ErrorKind, errorPage } from "../pages/error.ts";
import { pagePaths } from "../pages/paths.ts";
import { chooseLanguage } from "../pages/texts.ts";
import type { Page, View } from "../pages/view.ts";
import { chosenLanguage, otherLanguages } from "./language.ts";
import { type HeaderList, type HttpRequest, type HttpResponse, NO_STORE } from "./message.ts";
import { basePath } from "./paths.ts";

export function viewOf(
  request: HttpRequest,
  ctx: Context,
  ui_locales: readonly string[] = [],
): View {
  const chosen = chosenLanguage(request, ctx);
  const language = chooseLanguage({
    ui_locales: chosen === null ? ui_locales : [chosen],
    accept_language: request.header("accept-language") ?? null,
    available: ctx.languages,
  });
  return {
    language,
    theme: ctx.theme,
    links: ctx.settings.links,
    other_languages: otherLanguages(request, language, ctx),
    paths: pagePaths(basePath(ctx.issuer)),
    host: hostOf(ctx.issuer),
    now: ctx.now,
  };
}

const hostOf = remember((issuer) => new URL(issuer).host);

export function pageResponse(
  page: Page,
  view: View,
  { status = 200, headers = [] }: { status?: number; headers?: HeaderList } = {},
): HttpResponse {
  const { html, content_security_policy } = renderDocument(page, view);
  return {
    status,
    headers: [
      ["content-type", "text/html; charset=utf-8"],
      ["content-security-policy", content_security_policy],
      ["x-frame-options", "DENY"],
      ["x-content-type-options", "nosniff"],
      ["referrer-policy", "no-referrer"],
      ["cross-origin-opener-policy", "same-origin"],
      ["vary", "accept-language, cookie"],
      ...NO_STORE,
      ...headers,
    ],
    body: html,
  };
}

/** An error page. `detail` is for the developer, and must not hold a secret. */
export class PageError extends Error {
  override readonly name = "PageError";
  readonly kind: ErrorKind;
  readonly status: number;
  readonly detail: string | null;
  readonly reason: Readonly<Record<string, unknown>>;
  /** Seconds. */
  readonly retry_after: number | null;
  /** The app whose request ends here. */
  readonly app: AppToGoTo | null;
  /** With `redirect`: the address that was sent, for the developer. */
  readonly mismatch: RedirectUriMismatch | null;
  constructor(
    kind: ErrorKind,
    options: ErrorOptions & {
      status?: number;
      detail?: string;
      reason?: Record<string, unknown>;
      retry_after?: number;
      app?: AppToGoTo | null;
      mismatch?: RedirectUriMismatch;
    } = {},
  ) {
    super(options.detail ?? kind, options);
    this.kind = kind;
    this.status = options.status ?? 400;
    this.detail = options.detail ?? null;
    this.reason = options.reason ?? {};
    this.retry_after = options.retry_after ?? null;
    this.app = options.app ?? null;
    this.mismatch = options.mismatch ?? null;
  }
}

/** The same error, about this app. */
export const withApp = (
  cause: PageError,
  app: AppToGoTo | null,
  mismatch = cause.mismatch,
): PageError => {
  const { kind, status, detail, reason, retry_after } = cause;
  return new PageError(kind, {
    ...{ status, reason, app, cause },
    ...(detail !== null && { detail }),
    ...(retry_after !== null && { retry_after }),
    ...(mismatch !== null && { mismatch }),
  });
};

export function pageErrorResponse(
  { kind, status, detail, retry_after, app, mismatch }: PageError,
  request: HttpRequest,
  ctx: Context,
): HttpResponse {
  const view = viewOf(request, ctx);
  const page = errorPage(
    {
      ...{ kind, event_id: ctx.event_id, detail, mismatch, app, seconds: retry_after },
      can_retry: request.method === "GET",
    },
    view,
  );
  const headers: HeaderList = retry_after === null ? [] : [["retry-after", String(retry_after)]];
  return pageResponse(page, view, { status, headers });
}
