/** Documents about passkeys that browsers and password managers read. */
import type { Context } from "../context.ts";
import { relyingParty } from "../factors/relying_party.ts";
import { type HeaderList, type HttpResponse, json } from "../http/message.ts";
import { pathOf } from "../http/paths.ts";
import type { Handler } from "../http/route.ts";
import { PASSKEYS } from "../pages/paths.ts";

const CACHED: HeaderList = [["cache-control", "public, max-age=3600"]];

/** The origins that may use the passkeys of this server (WebAuthn Level 3 §5.11). */
export const relatedOrigins: Handler = async (_, { settings }): Promise<HttpResponse> =>
  json({ origins: relyingParty(settings)?.origins ?? [] }, 200, CACHED);

/** Where people add and manage passkeys (W3C Passkey Endpoints §2). */
export const passkeyEndpoints: Handler = async (_, ctx): Promise<HttpResponse> =>
  json({ enroll: addressOf(ctx), manage: addressOf(ctx) }, 200, CACHED);

const addressOf = (ctx: Context): string => new URL(pathOf(ctx, PASSKEYS), ctx.issuer).href;
