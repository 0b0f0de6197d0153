/** Logins: user names and addresses, folded so that all spellings of one name belong to one account. */

const LONGEST = 254;
/** Invisible characters, and characters that reorder visible ones. */
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

/**
 * The form that logins are compared in: compatibility forms and case are one, so `Ada`, `ADA` and full-width
 * `Ａｄａ` sign in to the same account. Null for text that can't be a login.
 */
export function foldLogin(text: string): string | null {
  const plain = text.normalize("NFKC").trim();
  if (plain === "" || plain.length > LONGEST || UNSEEN.test(plain) || /\s/u.test(plain))
    return null;
  // Upper case unites letters that lower case keeps apart, such as the dotless ı and the long ſ; for the capital ẞ it
  // is the other way round.
  const folded = plain.toLowerCase().toUpperCase().toLowerCase().normalize("NFKC");
  return (folded.match(/@/g) ?? []).length <= 1 ? folded : null;
}

/** @returns the reason why the name is not allowed, or null */
export function refuseUsername(username: string): string | null {
  const folded = foldLogin(username);
  if (folded === null || folded.length > 64 || !/^[\p{L}\p{M}\p{N}._@+-]+$/u.test(folded))
    return "use up to 64 letters, digits and . _ + - @";
  return null;
}

export const isEmail = (text: string): boolean =>
  text.length <= LONGEST &&
  foldLogin(text) !== null &&
  /^[^@\s]+@[^@\s.]+(\.[^@\s.]+)*$/.test(text);
