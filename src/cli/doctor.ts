/** `valetkey doctor`: checks a running server from outside, and names the settings to change. */
import { styleText } from "node:util";
import type { Command } from "commander";
import { makeProbe, PROBE_HEADER } from "../crypto/probe.ts";
import type { ServerSecrets } from "../crypto/server_secret.ts";
import { featuresOf } from "../features.ts";
import { metadataPaths } from "../oauth/server_metadata.ts";
import { endpointsOf } from "../offer.ts";
import { databaseExists } from "../store/open_store.ts";
import { type CommonFlags, complete } from "./command.ts";
import { asker } from "./doctor/ask.ts";
import { checkAll, type Facts } from "./doctor/check_all.ts";
import { inspectMail } from "./doctor/check_mail.ts";
import { collectAnswers } from "./doctor/collect.ts";
import type { Finding } from "./doctor/finding.ts";
import { playClients } from "./doctor/first_minutes.ts";
import { inspectDatabase, secretsFor } from "./doctor/inspect_database.ts";
import { inspectTls } from "./doctor/inspect_tls.ts";
import { CliError, UsageError } from "./errors.ts";
import { print, printJson, say, visible } from "./output.ts";
import { readSettings, type Settings } from "./settings.ts";

interface DoctorFlags extends CommonFlags {
  issuer?: string;
}

export function declareDoctor(command: Command): void {
  command
    .description(
      "Check a running server from outside, and its database, and name the settings to change. It changes nothing.",
    )
    .option("--issuer <url>", "the address that people and apps use (default: as configured)");
  complete<DoctorFlags>(
    command,
    [
      "valetkey doctor --config valetkey.config.ts",
      "valetkey doctor --issuer https://id.example.com",
    ],
    doctor,
  );
}

async function doctor({ issuer, ...flags }: DoctorFlags): Promise<void> {
  const settings = await readSettings(flags);
  const asked = checkAsked(issuer ?? settings.full.issuer);
  const facts = await gather(asked, settings);
  const findings = checkAll(facts);
  if (flags.json) printJson(findings);
  else show(findings);
  conclude(findings);
}

/** The issuer need not be valid in a configuration: the checks find its problems. */
function checkAsked(text: string): string {
  const url = URL.parse(text);
  const usable = url && /^https?:$/.test(url.protocol) && !/[?#]/.test(text) && !url.username;
  if (!usable)
    throw new UsageError(
      `--issuer: ${visible(text)} is not an address`,
      "for example https://id.example.com",
    );
  return text;
}

async function gather(asked: string, settings: Settings): Promise<Facts> {
  const { full, config, secrets: given } = settings;
  const issuer = asked.replace(/\/$/, "");
  const named = config.database !== undefined;
  const there = named || (await databaseExists(full.database));
  const secrets = there || given.secret !== undefined ? secretsFor(settings) : null;
  const known: ServerSecrets | null = secrets && !("failed" in secrets) ? secrets : null;
  const offered = endpointsOf(featuresOf(full));
  const { ask, close } = asker();
  const now = () => Math.floor(Date.now() / 1000);
  const proof = known && (() => ({ [PROBE_HEADER]: makeProbe(known, now()) }));
  try {
    const [answers, tls, database, mail] = await Promise.all([
      collectAnswers({ issuer, ask, paths: metadataPaths(issuer), offered, proof }),
      issuer.startsWith("https:") ? inspectTls(issuer) : null,
      there && full.database !== "sqlite::memory:" ? inspectDatabase(settings, known) : null,
      inspectMail(settings),
    ]);
    const client = database && "client" in database ? database.client : null;
    const first =
      "silence" in answers
        ? null
        : await playClients({ issuer, metadata: answers.metadata, client, ask });
    const configured = config.issuer === undefined ? null : full.issuer;
    const { limits, lifetimes, registration } = full;
    return {
      asked,
      issuer,
      configured,
      limits,
      lifetimes,
      registration,
      sign_in: full,
      answers,
      first,
      tls,
      database,
      secrets,
      mail,
      now: now(),
    };
  } finally {
    close();
  }
}

const STYLES = { ok: "green", warning: "yellow", problem: "red", left_out: "dim" } as const;

function show(findings: readonly Finding[]): void {
  const width = Math.max(...findings.map(({ check }) => check.length));
  const onTerminal = (style: "green" | "yellow" | "red" | "dim", text: string) =>
    styleText(style, text, { stream: process.stdout });
  for (const { check, status, saw, advice } of findings) {
    const word = onTerminal(STYLES[status], status.replace("_", " ").padEnd(8));
    print(`${word}  ${check.padEnd(width)}  ${visible(saw)}`);
    if (advice !== null) print(`${" ".repeat(width + 12)}${visible(advice)}`);
  }
}

/** @throws CliError when there is a problem, for the exit code */
function conclude(findings: readonly Finding[]): void {
  const count = (status: Finding["status"], one: string) => {
    const found = findings.filter((each) => each.status === status).length;
    return found === 0 ? [] : [`${found} ${one}${found === 1 ? "" : "s"}`];
  };
  const problems = count("problem", "problem");
  const parts = [...problems, ...count("warning", "warning")];
  if (problems.length > 0) throw new CliError(parts.join(", "));
  say(parts.length === 0 ? "all is well" : parts.join(", "));
}
