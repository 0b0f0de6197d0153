/** The page at the end of a sign-in, in the person's browser. */

export interface Page {
  title: string;
  text: string;
}

export const HEADERS: Readonly<Record<string, string>> = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy":
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
  "cache-control": "no-store",
  // The address has the code in it.
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  connection: "close",
};

export const htmlOf = ({ title, text }: Page): string => `<!doctype html>
<html lang="en">
<meta name="viewport" content="width=device-width">
<title>${escaped(title)}</title>
<style>
  :root { color-scheme: light dark }
  body { font: 1.1rem/1.5 system-ui, sans-serif; max-width: 32rem; margin: 20vh auto 0; padding: 0 1rem }
</style>
<h1>${escaped(title)}</h1>
<p>${escaped(text)}</p>
</html>
`;

const escaped = (text: string): string =>
  text.replaceAll(/[&<>"']/g, (each) => `&#${each.codePointAt(0)};`);
