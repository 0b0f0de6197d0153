/** Tells a person when a browser signs in to their account for the first time. */
import type { Context } from "../context.ts";
import { spend } from "../http/budget.ts";
import type { HttpRequest } from "../http/message.ts";
import { viewOf } from "../http/page.ts";
import { noticeJobs, verifiedAddress } from "../mail/notices.ts";
import type { Person } from "../people/users.ts";
import type { JobRecord } from "../store/records.ts";
import { knownPeople } from "./known_people.ts";

const DAY = 86_400;
/** Beyond so many in a day nobody reads them. */
const MOST = 10;

/** The job of the mail; nothing for a browser that has signed in as this person before. */
export async function newBrowserNotice(
  person: Person,
  request: HttpRequest,
  ctx: Context,
): Promise<JobRecord[]> {
  const { sub } = person;
  const is_told = ctx.mail !== null && verifiedAddress(person) !== null;
  if (!is_told || knownPeople(request, ctx).includes(sub)) return [];
  const budget = { kind: "mail_notice", name: sub, most: MOST, window: DAY } as const;
  if ((await spend([budget], ctx)) > 0) return [];
  const { language } = viewOf(request, ctx);
  return noticeJobs({ what: "new_browser" }, { person, request, language }, ctx);
}
