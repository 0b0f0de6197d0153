/** Names that nobody else has. */
import { base64url } from "./base64url.ts";

/** 128 random bits, or more. */
export const randomId = (bytes = 16): string =>
  base64url(crypto.getRandomValues(new Uint8Array(bytes)));
