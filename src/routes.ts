/** Every address that the server answers, in one table. */
import { changeConnectedApps, showConnectedApps } from "./account/connected_apps.ts";
import { changeSecurity, showSecurity } from "./account/security.ts";
import { changeYourApps, showYourApps } from "./account/your_apps.ts";
import { setUp, showSetup } from "./authentication/setup.ts";
import { showSignIn, signIn } from "./authentication/sign_in.ts";
import { showSignOut, signOut } from "./authentication/sign_out.ts";
import { showSignUp, signUp } from "./authentication/sign_up.ts";
import { answerConsent, showConsent } from "./authorization/consent_page.ts";
import type { Context } from "./context.ts";
import { authorize, authorizeByPost } from "./endpoints/authorization.ts";
import { introspection } from "./endpoints/introspection.ts";
import { probe } from "./endpoints/probe.ts";
import { readyz } from "./endpoints/readyz.ts";
import { revocation } from "./endpoints/revocation.ts";
import { token } from "./endpoints/token.ts";
import { userinfo } from "./endpoints/userinfo.ts";
import { jwks, metadata, metadataPaths } from "./endpoints/well_known.ts";
import { type HttpRequest, type HttpResponse, redirect, text } from "./http/message.ts";
import { basePath, pathOf } from "./http/paths.ts";

export type Handler = (request: HttpRequest, ctx: Context) => Promise<HttpResponse>;

export interface Route {
  /**
   * `page`: for people, under the issuer's own origin only. `api`: for clients, under any name.
   * `bare`: answers even when nothing else can.
   */
  kind: "page" | "api" | "bare";
  /** Whether scripts of other origins may call it (contract, “Limits and faults”). */
  cors: boolean;
  /** Whether how often it is called is limited (`rate_limits`). */
  limited?: boolean;
  methods: Readonly<Record<string, Handler>>;
}

const page = (methods: Route["methods"]): Route => ({ kind: "page", cors: false, methods });
const api = (methods: Route["methods"], cors = true): Route => ({ kind: "api", cors, methods });
const limited = (route: Route): Route => ({ ...route, limited: true });
const bare = (methods: Route["methods"]): Route => ({ kind: "bare", cors: false, methods });

const healthz: Handler = async () => text("ok\n");
const front: Handler = async (_, ctx) => redirect(pathOf(ctx, "/account"));

/** Exact paths, compared as sent. */
export function routesOf(issuer: string): ReadonlyMap<string, Route> {
  const base = basePath(issuer);
  const below: [string, Route][] = [
    ["/authorize", page({ GET: authorize, POST: authorizeByPost })],
    ["/sign-in", page({ GET: showSignIn, POST: signIn })],
    ["/sign-up", page({ GET: showSignUp, POST: signUp })],
    ["/consent", page({ GET: showConsent, POST: answerConsent })],
    ["/sign-out", page({ GET: showSignOut, POST: signOut })],
    ["/setup", page({ GET: showSetup, POST: setUp })],
    ["/account", page({ GET: showConnectedApps, POST: changeConnectedApps })],
    ["/account/apps", page({ GET: showYourApps, POST: changeYourApps })],
    ["/account/security", page({ GET: showSecurity, POST: changeSecurity })],
    ["/token", limited(api({ POST: token }))],
    ["/revoke", limited(api({ POST: revocation }))],
    ["/introspect", limited(api({ POST: introspection }, false))],
    ["/userinfo", limited(api({ GET: userinfo, POST: userinfo }))],
    ["/jwks", api({ GET: jwks })],
    ["/healthz", bare({ GET: healthz })],
    ["/readyz", bare({ GET: readyz })],
    ["/probe", bare({ GET: probe })],
  ];
  return new Map([
    ...below.map(([path, route]): [string, Route] => [base + path, route]),
    ...metadataPaths(issuer).map((path): [string, Route] => [path, api({ GET: metadata })]),
    [base === "" ? "/" : base, page({ GET: front })],
  ]);
}
