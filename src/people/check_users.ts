/** The functions of an embedder's `users`: checked at start, and not at the first sign-in. */
import type { Users } from "./users.ts";

const NEEDED = ["find", "findByLogin", "verifyPassword"] as const;
const OPTIONAL = [
  "passwordMark",
  "changePassword",
  "create",
  "findByVerifiedEmail",
  "setEmail",
  "createProven",
] as const;

/** @param users null: Valetkey keeps the people itself @returns the problems, each with its key */
export function checkUsers(
  users: Users | null,
  { sign_up, mail }: { sign_up: boolean; mail?: object | undefined },
): string[] {
  if (users === null) return [];
  const missing = NEEDED.filter((name) => typeof users[name] !== "function");
  const odd = OPTIONAL.filter((name) => !["function", "undefined"].includes(typeof users[name]));
  return [
    ...missing.map((name) => `users.${name}: is missing, or no function`),
    ...odd.map((name) => `users.${name}: is no function`),
    ...(users.createProven && !users.findByVerifiedEmail
      ? ["users.findByVerifiedEmail: is missing, and createProven needs it"]
      : []),
    ...(sign_up && users.create === undefined && !(mail && users.createProven)
      ? ["users.create: is missing, and sign_up: true needs it"]
      : []),
  ];
}
