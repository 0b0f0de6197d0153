/** Introspection for the operator: whether this server made a token, whether it holds now, and if not, the reason. */
import { assemble } from "../authorization_server.ts";
import type { Context } from "../context.ts";
import { readJwt } from "../crypto/jwt.ts";
import { unseal } from "../crypto/seal.ts";
import { boundedSecrets, type ServerSecrets } from "../crypto/server_secret.ts";
import { isOutdated, replayWindow } from "../grants/grant.ts";
import { isJsonObject } from "../oauth/json.ts";
import type { GrantRecord } from "../store/records.ts";
import type { Store } from "../store/store.ts";
import { findAccessToken } from "../tokens/access_token.ts";
import { grantStatus } from "../tokens/authorization.ts";
import { loadFacts } from "../tokens/facts.ts";
import { type Handle, isGenuine, parseHandle } from "../tokens/handle.ts";
import { reuseOf } from "../tokens/reuse.ts";
import type { Settings } from "./settings.ts";

export interface Finding {
  /** Whether this server verifiably made it. */
  verified: boolean;
  /** Null: unknown. */
  active: boolean | null;
  /** The reason why it does not hold, or can't be judged. */
  reason: string | null;
  /** Key id. */
  signed_by?: string;
  /** The contents of an opaque token. */
  claims?: Record<string, unknown>;
  generation?: number;
  standing?: "live" | "replayed" | "reused";
  grant?: object;
}

interface Facts {
  settings: Settings;
  store: Store;
  now: number;
  secrets: ServerSecrets;
}

export async function judge(token: string, facts: Facts): Promise<Finding> {
  const { settings, store, now, secrets } = facts;
  const server = assemble(settings.full, {}, { store, secrets });
  await server.subject_salt.load({ keeps_house: false });
  const { epoch, secrets: since } = await server.store.currentState();
  const bounded = boundedSecrets(secrets, { since, now, bounds: server.secret_bounds });
  const time = { now, now_ms: now * 1000, epoch };
  const ctx: Context = { ...server, ...time, secrets: bounded, event_id: "", address: "" };
  const handle = parseHandle(token);
  if (handle) return judgeHandle(handle, ctx);
  if (/^vk[cr]_/.test(token)) return forged("it is not complete, or was never issued");
  if (token.startsWith("vka_")) return judgeOpaque(token, ctx);
  return judgeJwt(token, ctx);
}

const NOT_ALLOWED = "its audience is no longer allowed; give the --config of the server";

const UNKNOWN_SECRET: Finding = {
  verified: false,
  active: null,
  reason: "it was made under another secret than the given one",
};
const USED = "used before: using it again revokes the grant";
const REPLACED = "replaced after a secret of the server leaked: the client was given another one";
const forged = (reason: string): Finding => ({ verified: false, active: false, reason });

async function judgeHandle(handle: Handle, ctx: Context): Promise<Finding> {
  const { generation, kind, secret_id } = handle;
  if (!ctx.secrets.findForHandle(secret_id)) return UNKNOWN_SECRET;
  const grant = await ctx.store.findGrant(handle.grant_id);
  if (!grant) return { ...forged("its grant does not exist, or ended long ago"), generation };
  if (!isGenuine(handle, grant, ctx.secrets))
    return { ...forged("it was not made by this server for its grant"), generation };
  const client = await ctx.store.findClient(grant.client_id);
  const presented = client && { generation, grant, client };
  const refresh_replay = presented ? replayWindow(presented, ctx) : 0;
  const stands = reuseOf(generation, grant, { now: ctx.now, refresh_replay });
  const outdated = kind === "vkr" && presented && isOutdated(presented);
  const lapse = await lapseOf(grant, ctx);
  const expired =
    kind === "vkc" && generation >= grant.generation && grant.code_expires_at <= ctx.now;
  const used = stands === "reused" ? (outdated ? REPLACED : USED) : null;
  const reason = lapse ?? used ?? (expired ? "expired" : null);
  return {
    verified: true,
    active: reason === null,
    reason,
    generation,
    standing: stands,
    grant: shown(grant),
  };
}

async function lapseOf(grant: GrantRecord, ctx: Context): Promise<string | null> {
  const facts = await loadFacts(grant.grant_id, ctx);
  const status = facts && grantStatus(facts, ctx);
  return !status || status.holds ? null : status.lapse;
}

/** The part of a grant that an operator may see, without its salts and the challenge of its client. */
function shown({ salt: _, replaced_key: __, check_at: ___, code, ...grant }: GrantRecord): object {
  return { ...grant, redirect_uri: code?.redirect_uri ?? null };
}

async function judgeOpaque(token: string, ctx: Context): Promise<Finding> {
  const secret_id = Buffer.from(token.slice(4), "base64url").toString("hex", 0, 4);
  if (ctx.secrets.leaked.has(secret_id))
    return forged("it was made under a secret that has leaked");
  if (!ctx.secrets.find(secret_id, "access_token")) return UNKNOWN_SECRET;
  const text = unseal(token.slice(4), "access_token", ctx, "access_token");
  const claims: unknown = text === null ? null : JSON.parse(text);
  if (!isJsonObject(claims))
    return {
      verified: false,
      active: null,
      reason: `it was altered, or made in an earlier epoch or by another issuer than ${ctx.issuer}, which --issuer names`,
    };
  return { ...(await judgeAccessToken(token, claims, ctx)), claims };
}

async function judgeJwt(token: string, ctx: Context): Promise<Finding> {
  const keys = await ctx.keys();
  const read = (typ: "at+jwt" | "JWT") => {
    const key = keys.find((each) => readJwt(token, typ, [each]) !== null);
    return key ? { key, claims: readJwt(token, typ, [key]) } : null;
  };
  const access_token = read("at+jwt");
  if (access_token?.claims) {
    const finding = await judgeAccessToken(token, access_token.claims, ctx);
    return { ...finding, signed_by: access_token.key.kid };
  }
  const id_token = read("JWT");
  if (!id_token?.claims) {
    const reason = "no key of this database signed it, or that key was retired";
    return { verified: false, active: null, reason };
  }
  const expired = Number(id_token.claims.exp) <= ctx.now;
  const reason = expired ? "expired" : null;
  return { verified: true, active: !expired, reason, signed_by: id_token.key.kid };
}

async function judgeAccessToken(
  token: string,
  claims: Record<string, unknown>,
  ctx: Context,
): Promise<Finding> {
  // The server made it; the issuer of the command may differ from that of the running server.
  const issuer = typeof claims.iss === "string" ? claims.iss : ctx.issuer;
  const catalogue = { ...ctx.catalogue, issuer };
  const live = await findAccessToken(token, { ...ctx, issuer, catalogue });
  if (live)
    return { verified: true, active: true, reason: null, ...grantOf(live.granted?.grant ?? null) };
  const { grant_id } = claims;
  const grant = typeof grant_id === "string" ? await ctx.store.findGrant(grant_id) : null;
  const reason = await whyNot(claims, grant, ctx);
  return { verified: true, active: false, reason, ...grantOf(grant) };
}

const grantOf = (grant: GrantRecord | null) => (grant ? { grant: shown(grant) } : {});

async function whyNot(
  claims: Record<string, unknown>,
  grant: GrantRecord | null,
  ctx: Context,
): Promise<string> {
  if (Number(claims.exp) <= ctx.now) return "expired";
  if (claims.grant_id === undefined) {
    const client = await ctx.store.findClient(String(claims.client_id));
    if (!client) return "client removed";
    return client.disabled_at === null ? "revoked" : "client disabled";
  }
  const lapse = grant && (await lapseOf(grant, ctx));
  if (lapse || !grant || grant.access_epoch !== claims.access_epoch) return lapse ?? "revoked";
  return NOT_ALLOWED;
}
