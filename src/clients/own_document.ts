/** What a client may say about itself when it registers or changes itself (RFC 7591, RFC 7592). */
import type { ClientRecord } from "../store/records.ts";
import { documentOf, OF_OPERATORS } from "./rules.ts";

/** Others are ignored like unknown members, so that a client can't make itself trusted (RFC 7591 §2). */
const isOwn = (name: string): boolean =>
  name === "scope" || !OF_OPERATORS.some((member) => member === name);

/**
 * The members that a client may set, together with those that an operator has set.
 * @param client as it is registered; null: it is new
 */
export function ownDocument(document: object, client: ClientRecord | null): object {
  const decided = client ? Object.entries(documentOf(client)) : [];
  return Object.fromEntries([
    ...decided.filter(([name]) => !isOwn(name)),
    ...Object.entries(document).filter(([name]) => isOwn(name)),
  ]);
}
