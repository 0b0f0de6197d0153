/** The link of an operator: it lets a person in, who then chooses a password or adds a passkey. */
import type { Context } from "../context.ts";
import { readBody, readQuery } from "../http/body.ts";
import { checkForm, csrfToken, type PageVisit, visitOf } from "../http/browser.ts";
import type { HttpRequest, HttpResponse } from "../http/message.ts";
import { pageResponse, viewOf } from "../http/page.ts";
import { pathOf } from "../http/paths.ts";
import { PASSKEYS, PERSON_LINK } from "../pages/paths.ts";
import { personLinkPage } from "../pages/person_link.ts";
import { openPersonLink, type PersonLink } from "../people/person_link.ts";
import type { Person } from "../people/users.ts";
import { ProofLapsed } from "../sessions/session.ts";
import { finishProof } from "./finish_proof.ts";
import { type ReturnTo, readReturnTo, sealReset, toPath } from "./return_to.ts";

const KIND = "person link";

export async function showPersonLink(request: HttpRequest, ctx: Context): Promise<HttpResponse> {
  const sealed = readQuery(request, ctx).get("link");
  return show(await read(sealed, ctx), sealed, visitOf(request, ctx));
}

export async function takePersonLink(request: HttpRequest, ctx: Context): Promise<HttpResponse> {
  const visit = visitOf(request, ctx);
  const params = readBody(request, ctx, { json: false });
  checkForm(request, params, visit);
  const sealed = params.get("link");
  const found = await read(sealed, ctx);
  if (!found) return show(null, sealed, visit);
  const { person, link } = found;
  const { link_id: id, expires_at, version, sub } = link;
  if (!(await ctx.store.claimOnce(KIND, id, { now: ctx.now, expires_at })))
    return show(null, sealed, visit);
  const holds = async () => (await ctx.store.loadFactors(sub)).version === version;
  const proved = { person, proof: { kind: "link", at: ctx.now }, holds } as const;
  try {
    return await finishProof(proved, { ...visit, return_to: wayOn(link, visit) });
  } catch (error) {
    if (error instanceof ProofLapsed) return show(null, sealed, visit);
    throw error;
  }
}

/** To the choice of a password; where there are none, to a passkey. */
function wayOn({ sub, version }: PersonLink, visit: PageVisit): ReturnTo {
  const { ctx } = visit;
  if (!ctx.features.has("passwords")) return toPath(pathOf(ctx, PASSKEYS));
  return readReturnTo(new Map([["reset", sealReset({ sub, version }, visit)]]), visit);
}

/** Null: the link does not work, or not any more. */
async function read(
  sealed: string | undefined,
  ctx: Context,
): Promise<{ person: Person; link: PersonLink } | null> {
  const link = openPersonLink(sealed, ctx);
  if (!link || (await ctx.store.isClaimed(KIND, link.link_id))) return null;
  const [person, factors] = await Promise.all([
    ctx.users.find(link.sub),
    ctx.store.loadFactors(link.sub),
  ]);
  return person && !person.disabled && factors.version === link.version ? { person, link } : null;
}

function show(
  found: { person: Person } | null,
  link: string | undefined,
  { request, ctx, browser }: PageVisit,
): HttpResponse {
  const view = viewOf(request, ctx);
  const hidden = { csrf: csrfToken(browser, ctx), link: link ?? "" };
  const { name } = found?.person.claims ?? {};
  const page = personLinkPage(
    {
      form: { action: pathOf(ctx, PERSON_LINK), hidden },
      person: found && {
        name: typeof name === "string" ? name : "",
        username: found.person.username,
      },
      password: ctx.features.has("passwords"),
      help: ctx.settings.sign_in_help ?? null,
    },
    view,
  );
  return pageResponse(page, view, { status: found ? 200 : 410, headers: browser.headers });
}
