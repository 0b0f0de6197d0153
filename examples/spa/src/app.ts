/** The page: a way in for nobody, and for a person their notes. */
import { AuthError } from "valetkey/client/browser";
import { auth } from "./auth.ts";
import { addNote, listNotes } from "./notes.ts";

/** An element of index.html. */
const find = <T extends HTMLElement>(id: string) => document.getElementById(id) as T;
const [error, nobody, somebody] = [find("error"), find("nobody"), find("somebody")];
const [name, list, empty] = [find("name"), find("notes"), find("empty")];
const [form, text] = [find<HTMLFormElement>("add"), find<HTMLInputElement>("text")];

find("sign-in").onclick = () => attempt(() => auth.login());
find("sign-out").onclick = () => attempt(() => auth.logout());
form.onsubmit = (event) => {
  event.preventDefault();
  return attempt(async () => {
    await show(addNote(text.value));
    form.reset();
  });
};

// Not before it is known who is there.
await attempt(() => auth.ready);
draw();
auth.onChange(draw);

function draw(): void {
  const { user } = auth;
  nobody.hidden = user !== null;
  somebody.hidden = user === null;
  name.textContent = user?.name ?? user?.email ?? "";
  list.replaceChildren();
  empty.hidden = true;
  if (user) void attempt(() => show(listNotes()));
}

async function show(answer: Promise<string[]>): Promise<void> {
  const { user } = auth;
  const notes = await answer;
  // Somebody else may have signed in meanwhile, in another tab.
  if (auth.user?.id !== user?.id) return;
  const items = notes.map((note) =>
    Object.assign(document.createElement("li"), { textContent: note }),
  );
  list.replaceChildren(...items.reverse());
  empty.hidden = notes.length > 0;
}

/** The message of an error says what to do about it, to you. People need other words. */
async function attempt(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
    error.textContent = "";
  } catch (reason) {
    console.info(reason);
    error.textContent = wordsFor(reason);
  }
}

function wordsFor(reason: unknown): string {
  const code = reason instanceof AuthError ? reason.code : null;
  if (code === "access_denied") return "You have not signed in.";
  if (code === "session_over" || code === "sign_in_needed") return "Please sign in again.";
  return "That does not work right now. Try again in a moment.";
}
