/** User codes, which a person reads on a device and enters here (RFC 8628 §6.1). */

/** Consonants that are easy to tell apart and spell no words: 20^8 codes. */
export const USER_CODE_LETTERS = "BCDFGHJKLMNPQRSTVWXZ";
export const USER_CODE_LENGTH = 8;

/** The code as it is shown: `WDJB-MJHT`. */
export const showUserCode = (user_code: string): string =>
  `${user_code.slice(0, 4)}-${user_code.slice(4)}`;

/** Reads a typed code, in either case, with or without the dash; null: it can't be a code. */
export function readUserCode(text: string): string | null {
  const letters = text
    .slice(0, 50)
    .toUpperCase()
    .replaceAll(/[^A-Z0-9]/g, "");
  const known = [...letters].every((letter) => USER_CODE_LETTERS.includes(letter));
  return letters.length === USER_CODE_LENGTH && known ? letters : null;
}
