/** Names that nobody else has. */
import { base64url } from "./base64url.ts";

/** 128 random bits. */
export const randomId = (): string => base64url(crypto.getRandomValues(new Uint8Array(16)));
