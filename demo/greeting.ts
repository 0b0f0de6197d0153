/** The greeting of `npm start`: where to begin, how to sign in, and how to stop. */
import { styleText } from "node:util";
import { PORTS } from "./ports.ts";

/** The way to pass a flag: npm keeps flags for itself that do not follow `--`. */
export const withFlag = (flag: string): string =>
  process.env.npm_lifecycle_event === "start" ? `npm start -- ${flag}` : flag;

/** The commands of the tool of Snaps. They are scripts of npm in this repository. */
function toolHint(server: string): string {
  const { port } = new URL(server);
  const at = Number(port) === PORTS.server ? "" : ` --port ${port}`;
  return `  In another terminal: npm run -s snaps -- ls${at}
                       npm run -s snaps -- upload demo/pictures/assets/pond-1.svg${at}
`;
}

export interface GreetingProps {
  urls: { server: string; snaps: string; printly: string };
  account: { username: string; password: string | null };
  colour: boolean;
}

export function greeting({ urls, account, colour }: GreetingProps): string {
  const paint = (format: "bold" | "dim" | "cyan", text: string): string =>
    colour ? styleText(format, text, { stream: process.stdout }) : text;
  const site = (name: string, url: string, what: string): string =>
    `  ${name.padEnd(10)}${paint("cyan", url.padEnd(26))}${paint("dim", what)}`;
  const { username, password } = account;
  const secret = password ?? paint("dim", "the password that you chose");
  const tool = process.env.npm_lifecycle_event === "start" ? toolHint(urls.server) : "";
  return `
  ${paint("bold", "Three sites are running.")} Begin at Printly, and print some photos.

${site("Printly", `${urls.printly}/`, "a print shop, which would like to see your photos")}
${site("Snaps", `${urls.snaps}/`, "where your photos are")}
${site("Valetkey", `${urls.server}/`, "where you sign in, and decide")}

  Sign in as ${paint("bold", username)} with ${password === null ? secret : paint("bold", secret)}
  See what the three said to each other: ${urls.printly}/walkthrough
${tool}
  ${paint("dim", `Ctrl-C stops it. The server's side is kept; ${withFlag("--reset")} starts fresh.`)}
`;
}
