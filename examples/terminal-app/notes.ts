/** A command-line tool that people sign in to. Their notes are at an API. */
import { AuthError, openSession, signIn } from "valetkey/client/terminal";

const { OIDC_ISSUER = "", OIDC_CLIENT_ID = "", NOTES_URL = "" } = process.env;
const options = {
  ...{ app: "notes", issuer: OIDC_ISSUER, clientId: OIDC_CLIENT_ID, resource: NOTES_URL },
  scope: "openid profile email offline_access notes",
};

const HELP = `notes login      sign in
notes whoami     who is signed in
notes add TEXT   write a note
notes list       read them
notes logout     sign out`;

async function run(command: string | undefined, text: string): Promise<string> {
  switch (command) {
    case "login":
      return `Hello ${(await signIn({ ...options, force: true })).user?.name}.`;
    case "whoami":
      return (await openSession(options))?.account ?? "Nobody is signed in.";
    case "add":
      return ask({ method: "POST", body: text });
    case "list":
      return ask();
    case "logout":
      await (await openSession(options))?.signOut();
      return "Nobody is signed in now.";
    default:
      return HELP;
  }
}

/** Asks the API. A person who has not signed in does so first; in CI, the error says what to set. */
async function ask(init?: RequestInit): Promise<string> {
  const session = await signIn(options);
  const answer = await session.fetch(`${NOTES_URL}/notes`, init);
  if (!answer.ok) throw new Error(`the API answered ${answer.status}`);
  return (await answer.text()).trimEnd();
}

const [command, ...words] = process.argv.slice(2);
try {
  console.log(await run(command, words.join(" ")));
} catch (error) {
  if (!(error instanceof Error)) throw error;
  // Its text has the code, and what to do.
  console.error(error.message);
  process.exitCode = error instanceof AuthError && error.code === "cancelled" ? 130 : 1;
}
