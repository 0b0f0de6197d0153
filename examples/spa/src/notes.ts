/** The notes of the person who is signed in, at the API. */
import { auth } from "./auth.ts";

export const listNotes = () => ask();

/** @returns all notes, this one included */
export const addNote = (text: string) => ask({ method: "POST", body: text });

async function ask(init?: RequestInit): Promise<string[]> {
  const answer = await auth.fetch(`${import.meta.env.VITE_API}/notes`, init);
  if (!answer.ok) throw new Error(`The API answered ${answer.status}.`);
  return answer.json();
}
