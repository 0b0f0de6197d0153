/** What a person types to say who they are, folded so that one account has one name. */

const LONGEST = 254;
/** Characters that show nothing, or move what is shown. */
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

/**
 * The form that logins are compared in: compatibility forms and case are one, so `Ada`, `ADA` and full-width
 * `Ａｄａ` sign in to the same account. Null for what can't be anybody's login.
 */
export function foldLogin(text: string): string | null {
  const plain = text.normalize("NFKC").trim();
  if (plain === "" || plain.length > LONGEST || UNSEEN.test(plain) || /\s/u.test(plain))
    return null;
  // Upper case joins what lower case keeps apart, such as the dotless ı and the long ſ; for the capital ẞ it
  // is the other way round.
  const folded = plain.toLowerCase().toUpperCase().toLowerCase().normalize("NFKC");
  return (folded.match(/@/g) ?? []).length <= 1 ? folded : null;
}

/** @returns why the name can't be taken, or null */
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
