/** The second argument of every page, and its result. */
import type { Links } from "./foot.ts";
import type { Html } from "./html.ts";
import type { PagePaths } from "./paths.ts";
import type { Language } from "./texts.ts";
import type { Theme } from "./theme.ts";

/** Theme, language, addresses and links: the second argument of every page. */
export interface View {
  readonly language: Language;
  readonly theme: Theme;
  readonly paths: PagePaths;
  /** The operator's links in the foot. */
  readonly links: Links;
  /** The page in the other languages, for the foot. */
  readonly other_languages: readonly OtherLanguage[];
  /** The server's own address: host, and port where there is one. */
  readonly host: string;
  /** Seconds since the epoch, for "today" and "3 days ago". */
  readonly now: number;
}

export interface OtherLanguage {
  /** BCP 47 */
  readonly tag: string;
  readonly href: string;
}

/** A page before it becomes a document: see `renderDocument`. */
export interface Page {
  readonly title: string;
  /** The content of `<body>`. */
  readonly body: Html;
  /** Targets of its forms, redirects included (CSP `form-action`). Left out: only this server. */
  readonly form_action?: readonly string[];
  /** Its address shows something else now, so it offers no other language: that would lose what it says. */
  readonly shown_once?: boolean;
}

/** The target of a form and its hidden fields: `csrf`, and `continue` while a request is in progress. */
export interface FormTarget {
  readonly action: string;
  readonly hidden: Readonly<Record<string, string>>;
}

/** The person who is signed in, as shown to them. */
export interface Person {
  /** Empty where the account has no name. */
  readonly name: string;
  readonly username: string;
}

/** One of the accounts that are signed in in this browser. */
export interface Account extends Person {
  /** Tells it apart from the others in forms; it proves nothing. */
  readonly key: string;
}
