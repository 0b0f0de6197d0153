/** Consent: shows what an app asks for, records the person's answer, and goes back to the dispatcher. */
import { appDocuments, appIdentity } from "../clients/app_identity.ts";
import { faceId } from "../clients/client_face.ts";
import type { Context } from "../context.ts";
import { seal, unseal } from "../crypto/seal.ts";
import { readQuery } from "../http/body.ts";
import { type Browser, browserOf, checkForm, csrfToken } from "../http/browser.ts";
import { type HttpRequest, type HttpResponse, redirect } from "../http/message.ts";
import { PageError, pageResponse, viewOf } from "../http/page.ts";
import { pathOf } from "../http/paths.ts";
import { isConfidential } from "../oauth/client_metadata.ts";
import { isSignIn, type NextStep } from "../oauth/next_step.ts";
import { type Permission, permissionOf, without } from "../oauth/permission.ts";
import { type ConsentProps, consentPage } from "../pages/consent.ts";
import { OWN_PAGES, rememberAccount } from "../sessions/last_account.ts";
import { type Session, shownAccount } from "../sessions/session.ts";
import type { ClientOrigin, ClientRecord } from "../store/records.ts";
import { readConsentForm } from "./consent_form.ts";
import { endsWithSession, type Origin } from "./origin.ts";
import { originOf } from "./origins.ts";
import { permissionGroupsOf } from "./permissions.ts";
import { askedOf, changesOf, type Known, knownOf, stepOf } from "./proceed.ts";
import { carry, openTransaction, type Transaction } from "./transaction.ts";

const SHOWN = "consent shown";

/** The content of the page, sealed into its form, so that the answer refers to it and to nothing else. */
interface Shown {
  id: string;
  sub: string;
  session_id: string;
  /** The sessions of other accounts in this browser. */
  beside: string[];
  permissions: Permission[];
  /** `faceId` of the app. */
  client: string | null;
}

export async function showConsent(request: HttpRequest, ctx: Context): Promise<HttpResponse> {
  const browser = browserOf(request, ctx);
  const tx = openTransaction(readQuery(request, ctx).get("continue"), { browser, ctx });
  const { session, ...known } = await knownOf(tx, request, ctx);
  const mine = session !== null && tx.sub === session.person.sub;
  if (!mine || (await stepWithoutAnswer(tx, { ...known, session }, ctx)).step !== "consent")
    return back(tx, ctx);
  return show({ request, ctx, browser, tx }, { ...known, session });
}

export async function answerConsent(request: HttpRequest, ctx: Context): Promise<HttpResponse> {
  const browser = browserOf(request, ctx);
  const { params, ticked } = readConsentForm(request, ctx);
  checkForm(request, params, { browser, ctx });
  const tx = openTransaction(params.get("continue"), { browser, ctx });
  const shown = readShown(params.get("shown"), ctx);
  if (shown?.id !== tx.id) throw new PageError("form");
  const { session, ...known } = await knownOf(tx, request, ctx);
  // The session of that account has ended: back to the first missing step.
  if (session?.record.session_id !== shown.session_id || session.person.sub !== shown.sub)
    return back(tx, ctx);
  if (isSignIn(await stepWithoutAnswer(tx, { ...known, session }, ctx))) return back(tx, ctx);
  // Somebody else may be looking at the page now, so it is shown again: it names its account.
  if (besideOf(session, known).some((each) => !shown.beside.includes(each)))
    return show({ request, ctx, browser, tx }, { ...known, session, problem: "account_added" });
  if (shown.client !== faceId(known.client))
    return show({ request, ctx, browser, tx }, { ...known, session, problem: "app_changed" });
  const decision = params.get("decision");
  if (decision !== "allow" && decision !== "deny")
    throw new PageError("form", { detail: "neither allowed nor refused" });
  const { permissions, sub, client } = shown;
  if (!ticked.every((each) => permissions.includes(each)))
    throw new PageError("form", { detail: "a permission was not on the page" });
  const allowed = permissions.filter((each) => isRequired(each, ctx) || ticked.includes(each));
  const agreed = decision === "allow" ? allowed : [];
  return back(
    { ...tx, answer: { sub, client, agreed, refused: without(permissions, agreed) } },
    ctx,
  );
}

const besideOf = (session: Session, { sessions }: Pick<Known, "sessions">): string[] =>
  sessions
    .filter(({ person }) => person.sub !== session.person.sub)
    .map(({ record }) => record.session_id);

/** The sign-in comes first: an answer belongs to the person who is signed in now. */
const stepWithoutAnswer = (tx: Transaction, known: Known, ctx: Context): Promise<NextStep> =>
  stepOf({ ...tx, answer: null }, known, ctx);

/** The permission to sign in, without which the app learns nothing at all. */
const isRequired = (permission: Permission, { issuer }: Context): boolean =>
  permission === permissionOf(issuer, "openid");

const back = (tx: Transaction, ctx: Context): HttpResponse =>
  redirect(pathOf(ctx, "/authorize", { continue: carry(tx, ctx) }));

function readShown(sealed: string | undefined, ctx: Context): Shown | null {
  const text = sealed === undefined ? null : unseal(sealed, SHOWN, ctx);
  return text === null ? null : (JSON.parse(text) as Shown);
}

interface Visit {
  request: HttpRequest;
  ctx: Context;
  browser: Browser;
  tx: Transaction;
}

function show(
  { request, ctx, browser, tx }: Visit,
  known: Omit<Known, "session"> & { session: Session } & Pick<ConsentProps, "problem">,
): HttpResponse {
  const { person, record } = known.session;
  const permissions = askedOf(tx, known.session, ctx);
  const { session_id } = record;
  const beside = besideOf(known.session, known);
  const about = { permissions, client: faceId(known.client) };
  const shown: Shown = { id: tx.id, sub: person.sub, session_id, beside, ...about };
  const hidden = { csrf: csrfToken(browser, ctx), continue: carry(tx, ctx) };
  const view = viewOf(request, ctx, tx.ui_locales);
  const page = consentPage(
    {
      ...appProps(tx, known.client, { request, ctx }),
      changes: changesOf(known),
      form: {
        action: pathOf(ctx, "/consent"),
        hidden: { ...hidden, shown: seal(JSON.stringify(shown), SHOWN, ctx) },
      },
      person: shownAccount(known.session),
      problem: known.problem ?? null,
      // The answer for another person than the `id_token_hint` names would be an error.
      other_account_href:
        tx.hinted_sub === null
          ? pathOf(ctx, "/select-account", { continue: hidden.continue })
          : null,
      groups: permissionGroupsOf(permissions, person.claims, ctx).map(({ name, permissions }) => ({
        name,
        permissions: permissions.map((each) => ({
          ...each,
          required: isRequired(each.permission, ctx),
          granted_before: known.consent?.agreed.includes(each.permission) ?? false,
          checked: !(known.consent?.refused.includes(each.permission) ?? false),
        })),
      })),
    },
    view,
  );
  // The page links to the connected apps of the account that it names.
  const remembered = rememberAccount(OWN_PAGES, person.sub, { request, ctx });
  return pageResponse(page, view, { headers: [...browser.headers, ...remembered] });
}

/** @param tied whether the access ends with the session */
function lastsFor(
  { metadata }: ClientRecord,
  { origin, tied }: { origin: Origin; tied: boolean },
  { now, settings }: Context,
): ConsentProps["lasts"] {
  // A device, and a program on the person's own computer, have to ask each time.
  const remembered =
    origin.redirect_uri !== null && (isConfidential(metadata) || !origin.on_this_computer);
  if (remembered) return { kind: tied ? "session" : "until_removed" };
  return tied ? { kind: "asked" } : { kind: "until", time: now + settings.lifetimes.refresh_token };
}

const REGISTERED_BY: Readonly<Record<ClientOrigin, ConsentProps["app"]["registered_by"]>> = {
  operator: "operator",
  user: "person",
  registration: "itself",
  metadata_document: "document",
};

function appProps(
  tx: Transaction,
  client: ClientRecord,
  { request, ctx }: Pick<Visit, "request" | "ctx">,
): Pick<ConsentProps, "app" | "documents" | "redirect" | "lasts"> {
  const origin = originOf(tx);
  const { redirect_uri } = origin;
  const tied = endsWithSession(origin, tx.asked.permissions);
  const registered_by = REGISTERED_BY[client.created_by];
  return {
    app: { ...appIdentity(client, redirect_uri ?? undefined), registered_by },
    documents: appDocuments(client),
    redirect: origin.shown(request),
    lasts: lastsFor(client, { origin, tied }, ctx),
  };
}
