/** The meaning of each message, in words for people. */
import type { Message, Told } from "../recorder.ts";

export interface Telling {
  title: string;
  why: string;
}

interface Line extends Telling {
  /** All given conditions must hold. */
  from?: Message["from"];
  method?: string;
  path: RegExp;
  grant_type?: string;
}

const LINES: readonly Line[] = [
  {
    from: "snaps",
    path: /\/\.well-known\//,
    title: "Snaps looks the server up",
    why: "Once an hour: where are the server’s public keys, and where does it say what has ended?",
  },
  {
    path: /\/\.well-known\//,
    title: "Where are the doors?",
    why: "The server publishes the address of everything it offers, so that an app needs to know only its name. Printly asks once an hour.",
  },
  {
    path: /\/authorize$/,
    title: "You are sent to the server",
    why: "Printly cannot ask for your password, so it sends your browser to the one place that may. Everything it wants is in the address, for you and the server to judge.",
  },
  {
    path: /\/callback$/,
    title: "You come back with an answer",
    why: "The server sends your browser back to Printly. No key passes through the browser: a code at most, which is of use to Printly alone.",
  },
  {
    path: /\/token$/,
    grant_type: "authorization_code",
    title: "The code becomes tokens",
    why: "Printly goes to the server itself, proves who it is with its own secret, and shows the code and the verifier. It gets a proof of who you are, a token that opens the server, and one to get more tokens with.",
  },
  {
    path: /\/token$/,
    grant_type: "refresh_token",
    title: "A token for Snaps",
    why: "The first token opens the server as well, so Printly shows it to nobody else. With the refresh token it gets another one, which opens Snaps and nothing else, and a new one before that expires; each time the server looks whether you still agree.",
  },
  {
    path: /\/jwks$/,
    title: "The server’s public keys",
    why: "With these anybody can check that a token was signed by the server, and nobody can sign one. Snaps keeps them for ten minutes.",
  },
  {
    path: /\/userinfo$/,
    title: "Who is this?",
    why: "Printly asks the server what you let it know about you.",
  },
  {
    path: /\/ended$/,
    title: "What has ended?",
    why: "A signature says what was agreed; only the server knows whether you have taken it back since. So Snaps asks every two seconds, while somebody needs it, what has ended: a list of fingerprints, the same for all. A permission that you take back is refused within seconds, and no token has to be asked about.",
  },
  {
    from: "tool",
    method: "POST",
    path: /\/photos$/,
    title: "A new photo",
    why: "The tool sends the drawing with its access token, which must say photos.write. Snaps keeps it beside the others, so Printly sees it as well.",
  },
  {
    from: "tool",
    path: /\/photos$/,
    title: "The photos, please",
    why: "The tool shows an access token, as Printly does, and gets new ones with the refresh token that it keeps on your computer. For Snaps, both are the same: it checks the token, and for whom it answers.",
  },
  {
    path: /\/photos$/,
    title: "The photos, please",
    why: "Printly shows the access token to Snaps. Snaps checks the signature, for whom the token is, its kind, its end, what it opens and whether it has ended, and then answers.",
  },
  {
    path: /\.svg$/,
    title: "The picture itself",
    why: "Fetched by Printly, never by your browser: so the token stays on Printly’s server.",
  },
  {
    path: /\/notes$/,
    title: "A note on the back",
    why: "This changes a photo, so the token must say photos.write, which you could have unticked.",
  },
  {
    path: /\/revoke$/,
    title: "Printly gives the key back",
    why: "The refresh token and every access token that came of it have ended now. Snaps learns it with the next list.",
  },
];

export function tell(message: Told): Telling {
  const { pathname } = new URL(message.url);
  const grant_type = fieldOf(message, "grant_type");
  const found = LINES.find(
    (line) =>
      line.path.test(pathname) &&
      (line.from ?? message.from) === message.from &&
      (line.method ?? message.method) === message.method &&
      (line.grant_type ?? grant_type) === grant_type,
  );
  return found ? aside(found, message) : { title: `${message.method} ${pathname}`, why: "" };
}

/** Adapts the text for messages with an unusual outcome. */
function aside({ title, why }: Telling, message: Told): Telling {
  const { answer, repeated, earlier } = message;
  const error = fieldOf(message, "error");
  if (error === "access_denied")
    return {
      title: "You come back with a no",
      why: "You did not allow it. That is all that Printly learns.",
    };
  if (answer && answer.status >= 400)
    return {
      title: `${title}: refused`,
      why: `${why} This time the answer was no: look at what it says.`,
    };
  if (earlier)
    return { title, why: `${why} This answer came before you did, and is still in use.` };
  if (repeated > 0)
    return { title, why: `${why} It happened ${repeated + 1} times; here is the first.` };
  return { title, why };
}

function fieldOf({ body }: Message, name: string): string | undefined {
  if (body?.kind !== "fields") return undefined;
  return body.fields.find((field) => field.name === name)?.value;
}
