/** Every address that the server answers, in one table. */
import { changeConnectedApps, showConnectedApps } from "./account/connected_apps.ts";
import { changeSecurity, showSecurity } from "./account/security.ts";
import { changeYourApps, showYourApps } from "./account/your_apps.ts";
import { setUp, showSetup } from "./authentication/setup.ts";
import { showSignIn, signIn } from "./authentication/sign_in.ts";
import { showSignOut, signOut } from "./authentication/sign_out.ts";
import { showSignUp, signUp } from "./authentication/sign_up.ts";
import { answerConsent, showConsent } from "./authorization/consent_page.ts";
import { authorize, authorizeByPost } from "./endpoints/authorization.ts";
import { introspection } from "./endpoints/introspection.ts";
import { probe } from "./endpoints/probe.ts";
import { readyz } from "./endpoints/readyz.ts";
import { revocation } from "./endpoints/revocation.ts";
import { token } from "./endpoints/token.ts";
import { userinfo } from "./endpoints/userinfo.ts";
import { jwks, metadata, metadataPaths } from "./endpoints/well_known.ts";
import { redirect, text } from "./http/message.ts";
import { basePath, pathOf } from "./http/paths.ts";
import type { Handler, Route } from "./http/router.ts";

type Options = Partial<Pick<Route, "cors" | "limited">>;
const page = (path: string, methods: Route["methods"]): Route => ({
  kind: "page",
  path,
  methods,
  cors: false,
  limited: false,
});
const api = (path: string, methods: Route["methods"], options: Options = {}): Route => ({
  kind: "api",
  path,
  methods,
  cors: true,
  limited: false,
  ...options,
});
const bare = (path: string, methods: Route["methods"]): Route => ({
  kind: "bare",
  path,
  methods,
  cors: false,
  limited: false,
});

const healthz: Handler = async () => text("ok\n");
const front: Handler = async (_, ctx) => redirect(pathOf(ctx, "/account"));

/** Below the issuer. */
const ROUTES: readonly Route[] = [
  page("/authorize", { GET: authorize, POST: authorizeByPost }),
  page("/sign-in", { GET: showSignIn, POST: signIn }),
  page("/sign-up", { GET: showSignUp, POST: signUp }),
  page("/consent", { GET: showConsent, POST: answerConsent }),
  page("/sign-out", { GET: showSignOut, POST: signOut }),
  page("/setup", { GET: showSetup, POST: setUp }),
  page("/account", { GET: showConnectedApps, POST: changeConnectedApps }),
  page("/account/apps", { GET: showYourApps, POST: changeYourApps }),
  page("/account/security", { GET: showSecurity, POST: changeSecurity }),
  api("/token", { POST: token }, { limited: true }),
  api("/revoke", { POST: revocation }, { limited: true }),
  api("/introspect", { POST: introspection }, { limited: true, cors: false }),
  api("/userinfo", { GET: userinfo, POST: userinfo }, { limited: true }),
  api("/jwks", { GET: jwks }),
  bare("/healthz", { GET: healthz }),
  bare("/readyz", { GET: readyz }),
  bare("/probe", { GET: probe }),
];

export function routesOf(issuer: string): Route[] {
  const base = basePath(issuer);
  return [
    ...ROUTES.map((each) => ({ ...each, path: base + each.path })),
    ...metadataPaths(issuer).map((path) => api(path, { GET: metadata })),
    page(base === "" ? "/" : base, { GET: front }),
  ];
}
