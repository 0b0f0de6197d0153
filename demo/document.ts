/** A whole HTML document for the demo's sites, with a policy under which nothing foreign runs or loads. */
import { createHash } from "node:crypto";
import { attributes, type Content, html, render, trusted } from "../src/pages/html.ts";

export interface DemoPage {
  title: string;
  body: Content;
  /** A class on the body, for pages that look different from the rest of their site. */
  kind?: string;
}

export interface View {
  /** After the page's own title. */
  site: string;
  style: string;
  /** Optional: every page works without its script. */
  script?: string;
  /** Drawn beside the title of the browser's tab. */
  icon: string;
  /** The two colours of the browser's own bars. */
  colours: readonly [light: string, dark: string];
}

/** @param status 200 if left out */
export function documentResponse(page: DemoPage, look: View, status = 200): Response {
  const { title, body, kind } = page;
  const { site, style, script, icon, colours } = look;
  const text = render(html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="theme-color" media="(prefers-color-scheme: light)" content="${colours[0]}">
<meta name="theme-color" media="(prefers-color-scheme: dark)" content="${colours[1]}">
<title>${title === site ? title : `${title} · ${site}`}</title>
<link rel="icon" href="data:image/svg+xml,${encodeURIComponent(icon)}">
<style>${trusted(style)}</style>
</head>
<body${attributes({ class: kind })}>
${body}${script !== undefined && html`<script>${trusted(script)}</script>`}
</body>
</html>
`);
  return new Response(text, {
    status,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-store",
      "content-security-policy": policy(look),
      // Forms of the site itself send a referrer, links to other sites do not.
      "referrer-policy": "same-origin",
      "x-content-type-options": "nosniff",
    },
  });
}

function policy({ style, script }: View): string {
  return [
    "default-src 'none'",
    `style-src '${sha256(style)}'`,
    `script-src ${script === undefined ? "'none'" : `'${sha256(script)}'`}`,
    "img-src 'self' data:",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join("; ");
}

const sha256 = (text: string): string =>
  `sha256-${createHash("sha256").update(text).digest("base64")}`;
