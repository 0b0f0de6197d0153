/** The way by which somebody signed in last in this browser, which the sign-in page marks. It proves nothing. */
import type { Context } from "../context.ts";
import { readCookie, setCookie } from "../http/cookies.ts";
import type { HeaderList, HttpRequest } from "../http/message.ts";

const WAYS = ["pwd", "passkey", "email"] as const;
type Way = (typeof WAYS)[number];
const YEAR = 31_536_000;

/** Null: nobody, or by another way. */
export const lastWay = (request: HttpRequest, { issuer }: Context): Way | null =>
  WAYS.find((each) => each === readCookie(request, "way", issuer)) ?? null;

export const rememberWay = (kind: string, { issuer }: Context): HeaderList =>
  WAYS.some((each) => each === kind) ? [setCookie("way", kind, { issuer, max_age: YEAR })] : [];
