/** One message in full: request, response, and the meaning of each part. */
import { type Content, type Html, html } from "../../src/pages/html.ts";
import type { Message } from "../recorder.ts";
import type { Field, Shown, Token } from "../redact.ts";
import { meaningOf, readable } from "./glossary.ts";

export function exchange({ channel, method, url, headers, body, answer }: Message): Html {
  const asked = channel === "front" ? "In the address" : "Asked";
  return html`<div class="exchange">
<div class="side"><h3>${asked}</h3>
<p class="line"><code>${method} ${url}</code></p>
${headerList(headers)}${body && bodyOf(body)}</div>
${
  answer &&
  html`<div class="side"><h3>Answered</h3>
<p class="line"><code>${answer.status} ${reasonOf(answer.status)}</code></p>
${headerList(answer.headers)}${answer.body ? bodyOf(answer.body) : html`<p class="none">Nothing more: that is the whole answer.</p>`}</div>`
}
</div>
${answer?.body?.kind === "json" && answer.body.tokens.map(tokenOf)}`;
}

function headerList(headers: Message["headers"]): Content {
  if (headers.length === 0) return null;
  return html`<dl class="headers">${headers.map(([name, value]) => html`<div><dt><code>${name}</code></dt><dd><code>${value}</code></dd></div>`)}</dl>`;
}

function bodyOf(body: Shown): Html {
  switch (body.kind) {
    case "fields":
      return table(body.fields, "parameter");
    case "json":
      return html`<pre tabindex="0"><code>${body.text}</code></pre>`;
    case "note":
      return html`<p class="none">${body.text}</p>`;
  }
}

function table(fields: readonly Field[], where: "parameter" | "claim"): Html {
  return html`<dl class="fields">${fields.map(
    ({ name, value }) =>
      html`<div><dt><code>${name}</code></dt><dd><code>${value}</code>${note(name, where)}</dd></div>`,
  )}</dl>`;
}

function note(name: string, where: "parameter" | "claim"): Content {
  const meaning = meaningOf(name, where);
  return meaning !== null && html` <small>${meaning}</small>`;
}

function tokenOf({ name, header, claims }: Token): Html {
  const rows = (record: Token["header"]): Field[] =>
    Object.entries(record).map(([key, value]) => ({ name: key, value: readable(key, value) }));
  return html`<div class="token"><h3>Inside the <code>${name}</code></h3>
<p class="none">Anybody who holds it can read this. Nobody can change it: the signature would not fit.</p>
${table(rows(header), "claim")}${table(rows(claims), "claim")}</div>`;
}

const REASONS: Record<number, string> = {
  200: "OK",
  201: "Created",
  303: "See Other",
  304: "Not Modified",
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  429: "Too Many Requests",
  503: "Service Unavailable",
};
const reasonOf = (status: number): string => REASONS[status] ?? "";
