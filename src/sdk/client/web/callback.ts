/** The way back from the provider: a code becomes a session (OAuth 2.1 §4.1.2). */
import { AuthError } from "../../errors.ts";
import { claimsOf, type Tokens, type User } from "../../tokens.ts";
import { finish } from "../authorization_code.ts";
import { user } from "../user.ts";
import { seeOther } from "./answers.ts";
import type { App } from "./app.ts";
import { type Begun, isExpired, openState } from "./flow_state.ts";
import { readForm } from "./form.ts";
import { begun, redirectToProvider } from "./login.ts";
import { pathOf, type Registered } from "./options.ts";
import { accessTokenOf, sessionOver } from "./refresh.ts";
import { refusedPath, returnPath } from "./return_path.ts";
import { type Session, seconds } from "./session.ts";
import type { Visit } from "./visit.ts";

/** Characters. More does not fit into the address of a GET everywhere. */
const LONGEST_FORM = 7000;

/**
 * A callback by POST (OAuth 2.0 Form Post Response Mode) comes from another site, without the Lax cookies. Sealed, it
 * goes on as a GET of this site, where they are back.
 * @throws AuthError
 */
export async function callbackByPost(
  app: App,
  request: Request,
  to: Registered,
): Promise<Response> {
  const form = await readForm(request);
  const sealed = await app.settings.seals.seal("form", form.toString());
  if (sealed.length <= LONGEST_FORM)
    return seeOther(`${pathOf(app.settings, "callback", to)}?form=${sealed}`);
  throw new AuthError("invalid_response", `the callback has ${sealed.length} characters`, {
    hint: "ask the provider for less in the callback",
  });
}

/** @throws AuthError */
export async function callback(app: App, request: Request, at: Registered): Promise<Response> {
  const { settings } = app;
  const visit = app.visitOf(request);
  const parameters = await readParameters(app, new URL(request.url).searchParams);
  const session = await visit.session();
  const browser = visit.cookie("browser") ?? "";
  const flow = await openState(settings.seals, parameters.get("state") ?? "", browser);
  if (flow?.state.by !== (at.id || undefined) || !flow) {
    if (session) return seeOther("/");
    throw elsewhere("no sign-in of this app has this state");
  }
  const { state } = flow;
  const to = returnPath(state.to, { origin: visit.origin, prefix: settings.prefix });
  visit.wanted = { returnTo: to, provider: state.by };
  // Reloaded, or gone back to: its code is used, and would end the session if it came again (RFC 6749 §4.1.2).
  if (session?.id === state.id) return seeOther(to);
  const signIn: SignIn = { app, visit, at, parameters, flow };
  const failed = flow.isMine ? await finished(signIn) : elsewhere("another browser began it");
  if (failed === null) return seeOther(to);
  if (REFUSALS.has(failed.code)) return seeOther(refusedPath(to, failed));
  if (failed.code !== "login_expired" && failed.code !== "login_elsewhere") throw failed;
  if (session) return seeOther(to);
  if (state.again) throw failed;
  return redirectToProvider(app, visit, { ...startOf(state), again: true });
}

/** Outcomes that the app itself may have words for: the person goes back, with `auth_error`. */
const REFUSALS = new Set(["access_denied", "sign_in_needed", "step_up_needed"]);

/** What a second attempt has in common with the first. */
function startOf({ by, to, asked }: Begun["state"]) {
  return {
    ...(by !== undefined && { by }),
    ...(to !== undefined && { to }),
    ...(asked !== undefined && { asked }),
  };
}

const elsewhere = (what: string): AuthError =>
  new AuthError("login_elsewhere", what, { hint: "sign in again" });

async function readParameters(app: App, query: URLSearchParams): Promise<URLSearchParams> {
  const sealed = query.get("form");
  if (sealed === null) return query;
  const opened = await app.settings.seals.open("form", sealed);
  if (typeof opened?.value === "string") return new URLSearchParams(opened.value);
  throw elsewhere("the form of the callback can't be read");
}

interface SignIn {
  app: App;
  visit: Visit;
  at: Registered;
  parameters: URLSearchParams;
  flow: Begun;
}

/** Begins the session. @returns null, or why it could not */
async function finished(signIn: SignIn): Promise<AuthError | null> {
  const { app, visit, parameters, flow } = signIn;
  const { state } = flow;
  // The answer to the same callback was lost, or is still under way in another tab.
  const known = await app.keeper.reload(state);
  if (known && visit.cookie("ended") !== state.id) {
    await visit.keep(known);
    return null;
  }
  if (isExpired(state) && !parameters.has("error"))
    return new AuthError("login_expired", "the sign-in took too long", { hint: "sign in again" });
  try {
    const earlier = await visit.session();
    const session = await app.once(state.id, () => begunSession(signIn));
    await visit.keep(session);
    if (earlier) await app.keeper.end(earlier);
    return null;
  } catch (error) {
    if (error instanceof AuthError) return error;
    throw error;
  }
}

async function begunSession({ app, visit, at, parameters, flow }: SignIn): Promise<Session> {
  const { settings, keeper } = app;
  const { state, secrets } = flow;
  const asked = await begun(settings, at, { visit, asked: state.asked, secrets });
  const tokens = await finish(at.party, parameters, asked);
  const person = await user(at.party, tokens);
  const extra = (await settings.onSignIn?.(person, tokens)) ?? {};
  const session = await newSession(at, tokens, {
    id: state.id,
    ...(state.recovers && { recovers: true }),
    user: { ...person, raw: { ...claimsOfPerson(person, settings.claims), ...extra } },
  });
  // A session that is too large begins not at all.
  await keeper.cookie(session);
  const saved = (await keeper.save(session)) ?? (await keeper.reload(session));
  if (saved) return saved;
  throw sessionOver();
}

async function newSession(
  { id: provider, party, mark }: Registered,
  tokens: Tokens,
  rest: Pick<Session, "id" | "user" | "recovers">,
): Promise<Session> {
  const { refreshToken, idToken } = tokens;
  const { end_session_endpoint } = await party.server();
  const { sid } = idToken === undefined ? {} : claimsOf(idToken);
  const now = seconds();
  return {
    ...rest,
    ...{ rev: 0, provider, mark: await mark, began: now, seen: now, checked: now },
    ...(refreshToken !== undefined && { refreshToken }),
    ...(idToken !== undefined && end_session_endpoint !== undefined && { idToken }),
    ...(typeof sid === "string" && { sid }),
    tokens: { "": accessTokenOf(tokens) },
  };
}

function claimsOfPerson({ raw }: User, names: readonly string[]): Record<string, unknown> {
  const all = new Map(typeof raw === "object" && raw !== null ? Object.entries(raw) : []);
  return Object.fromEntries(
    names.filter((name) => all.has(name)).map((name) => [name, all.get(name)]),
  );
}
