/** What the SDK uses of a page. The types of Node have nothing of it. */
import { AuthError } from "../../errors.ts";

export interface Page {
  isSecureContext: boolean;
  location: {
    readonly href: string;
    readonly origin: string;
    assign(url: string): void;
    reload(): void;
  };
  history: {
    readonly state: unknown;
    replaceState(state: unknown, title: string, url: string): void;
  };
  document: { readonly baseURI: string };
  sessionStorage: PageStorage;
  /** Of all tabs, and for good. */
  localStorage: PageStorage;
  addEventListener(type: "pageshow", f: (event: { persisted: boolean }) => void): void;
  navigator: { locks: PageLocks };
}

/** Of this tab alone; it survives a reload and redirects. */
export interface PageStorage {
  readonly length: number;
  key(index: number): string | null;
  getItem(name: string): string | null;
  setItem(name: string, value: string): void;
  removeItem(name: string): void;
}

/** Locks that all tabs of this origin share (Web Locks API). The browser frees those of a tab that is gone. */
export interface PageLocks {
  request<T>(
    name: string,
    options: { mode?: "exclusive" | "shared"; signal?: AbortSignal },
    work: () => Promise<T>,
  ): Promise<T>;
  query(): Promise<{ held?: { name?: string }[] | undefined }>;
}

/** @throws AuthError `configuration` where no page is */
export function thisPage(): Page {
  if ("document" in globalThis) return globalThis as unknown as Page;
  throw new AuthError("configuration", "there is no page here", {
    hint: "call it in the browser alone",
  });
}
