import Link from "next/link";
import { user } from "@/lib/auth.ts";

/** For everybody. */
export default async function Front() {
  const person = await user();
  return (
    <>
      <h1>{person ? `Hello ${person.name}` : "Next app"}</h1>
      <Link href="/notes">Your notes</Link>{" "}
      {person ? (
        <form method="post" action="/auth/logout">
          <button type="submit">Sign out</button>
        </form>
      ) : (
        <Link href="/auth/login">Sign in</Link>
      )}
    </>
  );
}
