/** What every page gets besides its props, and what it gives. */
import type { Html } from "./html.ts";
import type { PagePaths } from "./paths.ts";
import type { Language } from "./texts.ts";
import type { Theme } from "./theme.ts";

/** How a page looks and speaks, and where it links to: the second argument of every page. */
export interface View {
  readonly language: Language;
  readonly theme: Theme;
  readonly paths: PagePaths;
  /** Seconds since the epoch, for "today" and "3 days ago". */
  readonly now: number;
}

/** A page before it becomes a document: see `renderDocument`. */
export interface Page {
  readonly title: string;
  /** All that stands inside `<body>`. */
  readonly body: Html;
  /** Where its forms may lead, redirects included (CSP `form-action`). Left out: only this server. */
  readonly form_action?: readonly string[];
}

/** Where a form is sent, and the hidden fields that go along: `csrf`, and `continue` while a request is in progress. */
export interface FormTarget {
  readonly action: string;
  readonly hidden: Readonly<Record<string, string>>;
}

/** The person who is signed in, as shown to them. */
export interface Person {
  readonly name: string;
  readonly username: string;
}
