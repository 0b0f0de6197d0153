/** `valetkey registration-token add`, `list` and `revoke` */
import {
  addInitialAccessToken,
  removeInitialAccessToken,
} from "../clients/initial_access_token.ts";
import { everyRecord } from "../store/pages.ts";
import type { InitialAccessToken } from "../store/records.ts";
import type { CommonFlags } from "./command.ts";
import { withDatabase, withNewDatabase } from "./database.ts";
import { CliError } from "./errors.ts";
import { print, printJson, printJsonList, printLongTable, say, warn, when } from "./output.ts";
import { readSettings } from "./settings.ts";

export interface AddFlags {
  uses: number;
  /** Seconds. */
  expires: number;
  note?: string;
}

export async function addToken(flags: AddFlags & CommonFlags): Promise<void> {
  const { uses, expires: expires_in, note = null } = flags;
  const settings = await readSettings(flags);
  await withNewDatabase(settings, async ({ by, env }) => {
    const { token, record } = await addInitialAccessToken({ note, uses, expires_in }, by, env);
    if (flags.json) printJson({ token, ...shown(record) });
    else print(token);
    say(`It registers ${uses} ${uses === 1 ? "app" : "apps"} until ${when(record.expires_at)}.`);
    say("Keep it now: it is not shown again. An app sends it as Authorization: Bearer.");
    const { config_file, full } = settings;
    if (config_file !== null && full.registration.mode !== "token")
      warn(`registration.mode is ${full.registration.mode} in ${config_file}: it needs "token"`);
  });
}

export async function listTokens(flags: CommonFlags): Promise<void> {
  await withDatabase(await readSettings(flags), async ({ store, now }) => {
    const tokens = live(
      everyRecord<InitialAccessToken>((page) => store.listInitialAccessTokens(page)),
      now,
    );
    if (flags.json) return printJsonList(tokens, shown);
    const headings = ["TOKEN_ID", "LEFT", "EXPIRES", "CREATED", "NOTE"];
    const count = await printLongTable(headings, tokens, (token) => [
      token.token_id,
      String(token.uses_left),
      when(token.expires_at),
      when(token.created_at),
      token.note ?? "",
    ]);
    if (count === 0) say("none: valetkey registration-token add makes one");
  });
}

export async function revokeToken(flags: CommonFlags, [id = ""]: readonly string[]): Promise<void> {
  await withDatabase(await readSettings(flags), async ({ by, env }) => {
    if (!(await removeInitialAccessToken(id, by, env)))
      throw new CliError(
        `there is no token ${id}`,
        "`valetkey registration-token list` shows them all",
      );
    if (flags.json) printJson({ token_id: id });
    say(`${id} is revoked: no app registers itself with it any more.`);
  });
}

/** The sweep removes the others soon. */
async function* live(tokens: AsyncIterable<InitialAccessToken>, now: number) {
  for await (const token of tokens) if (token.expires_at > now) yield token;
}

const shown = ({ hash: _, ...token }: InitialAccessToken): object => token;
