/** What the issuer says about the person, for scripts of the app's pages. */
import { fetch, user } from "@/lib/auth.ts";

export async function GET(): Promise<Response> {
  const person = await user();
  if (!person) return Response.json({ error: "sign in first" }, { status: 401 });
  const told = await fetch(`${person.issuer}/userinfo`);
  return Response.json(await told.json());
}
