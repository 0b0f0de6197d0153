/** What the commands login, whoami, token and logout of a command-line tool do. */
import { needed } from "./needed.ts";
import { appOf, type TerminalOptions } from "./options.ts";
import type { Session } from "./session.ts";
import { stateFolder } from "./state_folder.ts";
import { fileStorage } from "./storage.ts";
import { openSession } from "./terminal.ts";

/** Issuer and client id of the last sign-in, also after a sign-out. @throws AuthError `storage_unreadable` */
export async function lastSession(
  app: string,
): Promise<Pick<TerminalOptions, "issuer" | "clientId"> | null> {
  const last = await fileStorage({ app, folder: stateFolder(app), keychain: null }).last();
  const [issuer, clientId] = last?.split(" ") ?? [];
  return issuer !== undefined && clientId !== undefined ? { issuer, clientId } : null;
}

/** Who is signed in, and where that is kept. */
export interface Whoami {
  account: string;
  /** Null for a token from the environment, where nothing says who made it. */
  issuer: string | null;
  /** Null for a token or credentials from the environment, as the following two. */
  id: string | null;
  name: string | null;
  email: string | null;
  /** The file and what seals it, or environment variables. */
  kept_in: string;
}

/** @throws AuthError `sign_in_needed` when nobody is signed in */
export async function whoami(options: TerminalOptions): Promise<Whoami> {
  const { account, issuer, user } = await existing(options);
  return {
    ...{ account, issuer: issuer || null, id: user?.id ?? null, name: user?.name ?? null },
    email: user?.email ?? null,
    // Nobody is known by a variable.
    kept_in: user ? await appOf(options).storage.place() : "environment variables",
  };
}

/** @throws AuthError `sign_in_needed`, and as `Session.token` */
export const token = async (options: TerminalOptions): Promise<string> =>
  (await existing(options)).token();

/** @returns the account, or null when nobody was signed in. @throws AuthError as `Session.signOut` */
export async function logout(options: TerminalOptions): Promise<string | null> {
  const session = await openSession(options);
  await session?.signOut();
  return session?.account ?? null;
}

async function existing(options: TerminalOptions): Promise<Session> {
  const session = await openSession(options);
  if (session) return session;
  throw await needed(appOf(options), options, { isUnattended: false });
}
