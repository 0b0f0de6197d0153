/** What a client may say about itself, and which members stay as an operator has set them (RFC 7591, RFC 7592). */
import { difference } from "../store/audit.ts";
import type { ClientRecord } from "../store/records.ts";
import {
  CLIENT_MEMBERS,
  type ClientDocument,
  type ClientSettings,
  documentOf,
  OF_OPERATORS,
} from "./rules.ts";

/**
 * Members that tell what an app is, where it is and which keys it has. They stay the app's own, since it moves and
 * replaces its keys by itself. All others tell what it may do and how it has to protect itself.
 */
const ABOUT_ITSELF = [
  ...(["client_name", "client_uri", "logo_uri", "policy_uri", "tos_uri", "contacts"] as const),
  ...(["software_id", "software_version", "application_type", "sector_identifier_uri"] as const),
  ...(["redirect_uris", "post_logout_redirect_uris", "initiate_login_uri"] as const),
  ...(["request_uris", "backchannel_logout_uri", "jwks", "jwks_uri"] as const),
] as const satisfies readonly (keyof ClientDocument)[];

/** They have to fit, so that one of them can't stay without the other. */
const TOGETHER = ["grant_types", "response_types"] as const;

const isIn = (names: readonly string[]) => (name: string) => names.includes(name);

/** Others are ignored like unknown members, so that a client can't make itself trusted (RFC 7591 §2). */
const isOwn = (name: string, { set_by_operator }: Pick<ClientRecord, "set_by_operator">): boolean =>
  (name === "scope" || !isIn(OF_OPERATORS)(name)) && !set_by_operator.includes(name);

/** The members of a document that a client or a person may set. @param client as it is; null: it is new */
export function ownDocument(document: object, client: ClientRecord | null): object {
  const of = client ?? { set_by_operator: [] };
  return Object.fromEntries(Object.entries(document).filter(([name]) => isOwn(name, of)));
}

/** The members of a client that only an operator may set, as they are. */
export const decidedDocument = (client: ClientRecord): object =>
  Object.fromEntries(Object.entries(documentOf(client)).filter(([name]) => !isOwn(name, client)));

/**
 * The value of `set_by_operator` after a change by an operator: members that the client could change otherwise. A member
 * counts as set if the change has altered it. A member that the operator has named counts too, unless a whole document
 * was submitted, which names everything.
 */
export function setByOperator(
  before: ClientRecord,
  after: ClientSettings,
  named: readonly string[],
): string[] {
  // Nobody but operators changes the clients of operators.
  if (before.created_by === "operator") return before.set_by_operator;
  const altered = difference({ ...documentOf(before) }, { ...documentOf(after) }).after;
  const set = [...before.set_by_operator, ...Object.keys(altered), ...named];
  const names = [...set, ...(set.some(isIn(TOGETHER)) ? TOGETHER : [])];
  const free = { set_by_operator: [] };
  return CLIENT_MEMBERS.filter(
    (name) => names.includes(name) && isOwn(name, free) && !isIn(ABOUT_ITSELF)(name),
  );
}
