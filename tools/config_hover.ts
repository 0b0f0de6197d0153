/**
 * Writes src/config_hover.ts from the tables of docs/configuration.md, so that editors show the documentation of each
 * key. `node tools/config_hover.ts`; test/config_hover.test.ts fails when they differ.
 */
import { readFileSync, writeFileSync } from "node:fs";

interface Keys {
  text: string | null;
  children: Map<string, Keys>;
}

/** The source of the interface: a comment for each row, whose type adds nothing to that of the schema. */
export function hoverSource(markdown: string): string {
  const root: Keys = { text: null, children: new Map() };
  for (const [, key = "", otherwise = "", meaning = ""] of markdown.matchAll(
    /^\| `([a-z][\w.*]*)` \| (.*?) \| ?(.*?) ?\|$/gm,
  ))
    if (key !== "users") at(root, key.split(".")).text = commentOf(key, otherwise, meaning);
  return `/** The descriptions of the keys in editors. tools/config_hover.ts generates this file from docs/configuration.md. */
export interface ConfigHover ${membersOf(root, "")}
`;
}

function at(keys: Keys, path: readonly string[]): Keys {
  const [name, ...rest] = path;
  if (name === undefined) return keys;
  const child = keys.children.get(name) ?? { text: null, children: new Map() };
  keys.children.set(name, child);
  return at(child, rest);
}

function commentOf(key: string, otherwise: string, meaning: string): string {
  const unit = key.startsWith("lifetimes.") ? "Seconds. " : "";
  // Links lead nowhere from an editor; the words stay.
  const words = meaning.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1");
  const absent = otherwise === "required" ? "Required." : `Default: ${otherwise}.`;
  const text = [`${unit}${words}`.trim(), absent].filter(Boolean).join(" ");
  return text.replaceAll("*/", "*\\/");
}

function membersOf({ children }: Keys, indent: string): string {
  const inner = `${indent}  `;
  const lines = [...children].map(([name, child]) => {
    const comment = child.text === null ? "" : `${inner}/** ${child.text} */\n`;
    return `${comment}${inner}${name}?: ${typeOf(child, inner)};`;
  });
  return `{\n${lines.join("\n")}\n${indent}}`;
}

function typeOf(keys: Keys, indent: string): string {
  const each = keys.children.get("*");
  if (each)
    return `Record<\n${indent}  string,\n${indent}  ${membersOf(each, `${indent}  `)}\n${indent}>`;
  return keys.children.size > 0 ? membersOf(keys, indent) : "unknown";
}

if (import.meta.main)
  writeFileSync("src/config_hover.ts", hoverSource(readFileSync("docs/configuration.md", "utf8")));
