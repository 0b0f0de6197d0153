/** The rules for accounts, whichever door creates or changes them. */
import { RESERVED_CLAIMS, wantedInstead } from "../oauth/claims.ts";
import type { AccountRecord } from "../store/records.ts";
import { foldLogin, isEmail, refuseUsername } from "./login.ts";

/** The rules do not allow such an account. `parameter` is the field that is wrong. */
export class InvalidPerson extends Error {
  override readonly name = "InvalidPerson";
  readonly parameter: "username" | "email" | "claims";
  readonly hint: string;
  constructor(parameter: InvalidPerson["parameter"], message: string, hint: string) {
    super(message);
    this.parameter = parameter;
    this.hint = hint;
  }
}

type Fields = Pick<AccountRecord, "username" | "login_email" | "claims">;

/** @throws InvalidPerson for a name or an address that can't sign in, or a claim that no app could take; it names all */
export function checkPerson({ username, login_email, claims }: Fields): void {
  const { email } = claims;
  const addresses = new Set([login_email, typeof email === "string" ? email : null]);
  const problems = [
    ...nameProblems(username, login_email),
    ...[...addresses].flatMap((address) => (address === null ? [] : emailProblems(address))),
    ...claimProblems(claims),
  ];
  const [first, ...others] = problems;
  if (!first) return;
  if (others.length === 0) throw first;
  const told = problems.map(({ message, hint }) => `${message} (${hint})`);
  throw new InvalidPerson(first.parameter, told.join("; "), "correct all of them at once");
}

function nameProblems(username: string, login_email: string | null): InvalidPerson[] {
  const refused = refuseUsername(username);
  if (refused !== null)
    return [new InvalidPerson("username", `${username} can't be a user name`, refused)];
  if (posesAsAddress(username, login_email))
    return [
      new InvalidPerson(
        "username",
        `${username} looks like an e-mail address`,
        "a user name holds no @, unless it is the account's own verified address",
      ),
    ];
  return [];
}

/** One error names every wrong claim. */
function claimProblems(claims: Fields["claims"]): InvalidPerson[] {
  const problems: InvalidPerson[] = [];
  const reserved = Object.keys(claims).filter((name) => RESERVED_CLAIMS.has(name));
  if (reserved.length > 0)
    problems.push(
      new InvalidPerson(
        "claims",
        `the claim ${reserved.join(", ")} is set by the server`,
        "a person's claims are such as name, locale or address",
      ),
    );
  const wrong = Object.entries(claims).flatMap(([name, value]) => {
    const wanted = value === null ? null : wantedInstead(name, value);
    return wanted === null ? [] : [`the claim ${name} must be ${wanted}`];
  });
  if (wrong.length > 0)
    problems.push(
      new InvalidPerson(
        "claims",
        wrong.join("; "),
        "apps that hold a claim to its type fail the sign-in otherwise (OpenID Connect Core §5.1)",
      ),
    );
  return problems;
}

function emailProblems(address: string): InvalidPerson[] {
  if (isEmail(address)) return [];
  const hint = "it is written like ada@example.com";
  return [new InvalidPerson("email", `${address} is not an e-mail address`, hint)];
}

/**
 * Apps show the user name as `preferred_username`, and the owner of an address may want to sign in with it. So an
 * address is allowed as a user name only if it is verified for this account.
 */
export const posesAsAddress = (username: string, verified_email: string | null): boolean => {
  const folded = foldLogin(username);
  if (!folded?.includes("@")) return false;
  return verified_email === null || folded !== foldLogin(verified_email);
};
