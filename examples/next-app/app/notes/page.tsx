import { revalidatePath } from "next/cache";
import { redirect } from "next/navigation";
import { fetch, recover, user } from "@/lib/auth.ts";

/** By person, until the app ends. */
const notes = new Map<string, string[]>();

/** For people who are signed in. */
export default async function Notes({ searchParams }: PageProps<"/notes">) {
  const person = await user();
  const { auth_error } = await searchParams;
  // Somebody who refused is not asked again at once.
  if (!person && auth_error) return <a href="/auth/login?return_to=/notes">Sign in for notes</a>;
  if (!person) redirect("/auth/login?return_to=/notes");
  // The access token of the person goes along.
  const answer = await fetch(`${person.issuer}/userinfo`).catch((e) => recover(e, "/notes"));
  const told = await answer.json();
  return (
    <>
      <h1>Notes of {told.name}</h1>
      <ul>
        {notes.get(person.id)?.map((note) => (
          <li key={note}>{note}</li>
        ))}
      </ul>
      <form action={write}>
        <input name="note" required />
        <button type="submit">Write</button>
      </form>
    </>
  );
}

async function write(form: FormData): Promise<void> {
  "use server";
  const person = await user();
  if (!person) redirect("/auth/login?return_to=/notes");
  notes.set(person.id, [...(notes.get(person.id) ?? []), String(form.get("note"))]);
  revalidatePath("/notes");
}
