/** Subject types: what a client sees as the `sub` of a person (OpenID Connect Core §8). */
import type { ClientMetadata } from "./client_metadata.ts";

/** Pairwise: clients of two sectors see different subjects for the same person. */
export const SUBJECT_TYPES = ["public", "pairwise"] as const;

export const isPairwise = ({ subject_type }: Pick<ClientMetadata, "subject_type">): boolean =>
  subject_type === "pairwise";

/** @param hash BASE64URL of 32 bytes */
export const pairwiseSubject = (hash: string): string => `pw_${hash}`;

/** No client may have such an id: the `sub` of a token may be a person or a client. */
export const isPairwiseSubject = (text: string): boolean => /^pw_[\w-]{43}$/.test(text);
