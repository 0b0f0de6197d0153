/** Markup as a value: the `html` tag escapes all interpolated values. */

const markup: unique symbol = Symbol("markup");

/** Text that is known to be markup. Only `html`, `attributes` and `trusted` make it. */
export interface Html {
  readonly [markup]: string;
}

/** Values between `${` and `}`. Plain text is escaped; null, undefined and false are left out. */
export type Content = Html | string | number | null | undefined | false | readonly Content[];

/**
 * Builds markup. Every interpolation is escaped for text and for quoted attributes alike.
 *
 * @example html`<p title="${title}">${name}</p>`
 */
export function html(strings: TemplateStringsArray, ...values: readonly Content[]): Html {
  let text = strings[0] ?? "";
  for (let i = 0; i < values.length; i += 1) text += toMarkup(values[i]) + strings[i + 1];
  return { [markup]: text };
}

/** The finished text of some markup. */
export function render(value: Html): string {
  return value[markup];
}

/** Takes text of this repository as markup, unescaped: for the inline style and script, never for foreign text. */
export function trusted(text: string): Html {
  return { [markup]: text };
}

export type AttributeValue = string | number | boolean | null | undefined;

/** Attributes with a leading space each; `true` gives a bare name; null, undefined and false give nothing. */
export function attributes(values: Readonly<Record<string, AttributeValue>>): Html {
  let text = "";
  for (const [name, value] of Object.entries(values)) {
    if (value === null || value === undefined || value === false) continue;
    text += value === true ? ` ${name}` : ` ${name}="${escapeText(String(value))}"`;
  }
  return { [markup]: text };
}

function toMarkup(value: Content): string {
  if (value === null || value === undefined || value === false) return "";
  if (typeof value === "string") return escapeText(value);
  if (typeof value === "number") return String(value);
  if (isList(value)) return value.map(toMarkup).join("");
  return value[markup];
}

const isList = (value: Html | readonly Content[]): value is readonly Content[] =>
  Array.isArray(value);

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escapeText(text: string): string {
  if (!/[&<>"']/.test(text)) return text;
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? "");
}
