/** The table of commands. Only those that the command line names are loaded, to keep the start fast. */
import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { explain, isWorthAStack } from "./errors.ts";
import { say } from "./output.ts";

type Declare = (command: Command) => void;
interface Entry {
  name: string;
  summary: string;
  load: () => Promise<Declare>;
}

const COMMANDS: readonly Entry[] = [
  {
    name: "start",
    summary: "run the server",
    load: async () => (await import("./start.ts")).declareStart,
  },
  {
    name: "demo",
    summary: "run the photo service and the print shop, with a server of their own",
    load: async () => (await import("./demo.ts")).declareDemo,
  },
  {
    name: "user",
    summary: "add, show and change people",
    load: async () => (await import("./user.ts")).declareUser,
  },
  {
    name: "client",
    summary: "add, show and change apps and APIs",
    load: async () => (await import("./client.ts")).declareClient,
  },
  {
    name: "registration-token",
    summary: "let apps register themselves",
    load: async () => (await import("./registration_token.ts")).declareRegistrationToken,
  },
  {
    name: "keys",
    summary: "list, rotate and retire signing keys",
    load: async () => (await import("./keys.ts")).declareKeys,
  },
  {
    name: "audit",
    summary: "list security events",
    load: async () => (await import("./audit.ts")).declareAudit,
  },
  {
    name: "mail",
    summary: "try the mail server, and look after mails that wait",
    load: async () => (await import("./mail.ts")).declareMail,
  },
  {
    name: "login",
    summary: "sign in, at any issuer",
    load: async () => (await import("./session.ts")).declareLogin,
  },
  {
    name: "whoami",
    summary: "say who is signed in here",
    load: async () => (await import("./session.ts")).declareWhoami,
  },
  {
    name: "logout",
    summary: "end the session here",
    load: async () => (await import("./session.ts")).declareLogout,
  },
  {
    name: "token",
    summary: "print an access token of the session here, or look into a token",
    load: async () => (await import("./token.ts")).declareToken,
  },
  {
    name: "doctor",
    summary: "check a running server from outside, and name the settings to change",
    load: async () => (await import("./doctor.ts")).declareDoctor,
  },
  {
    name: "migrate",
    summary: "bring the database up to date, or make it",
    load: async () => (await import("./migrate.ts")).declareMigrate,
  },
  {
    name: "backup",
    summary: "copy the database while the server runs",
    load: async () => (await import("./backup.ts")).declareBackup,
  },
  {
    name: "restore",
    summary: "put a backup into an empty database",
    load: async () => (await import("./restore.ts")).declareRestore,
  },
  {
    name: "copy",
    summary: "move everything to another database",
    load: async () => (await import("./copy.ts")).declareCopy,
  },
  {
    name: "secret",
    summary: "print a new secret for VALETKEY_SECRET, or retire a leaked one",
    load: async () => (await import("./secret.ts")).declareSecret,
  },
];

const EXAMPLES = `
Examples:
  $ valetkey demo
  $ valetkey start --config valetkey.config.ts
  $ valetkey user add --username ada --admin
  $ valetkey client add --name Printly --redirect-uri https://printly.example/callback

Results go to stdout, everything else to stderr. Exit codes: 0 done, 1 failed, 2 not understood.`;

/** @returns the exit code */
export async function run(argv: readonly string[]): Promise<number> {
  const program = await declareProgram(argv);
  try {
    await program.parseAsync(idsLast(argv), { from: "user" });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return refuse(error, commandIn(program, argv));
    const { message, hint, exit_code } = explain(error);
    say(`error: ${message}`);
    if (isWorthAStack(error) && argv.includes("--debug") && error instanceof Error)
      say(error.stack ?? "");
    if (hint !== null) say(`hint: ${hint}`);
    return exit_code;
  }
}

/** @param argv commands that it names are declared in full */
export async function declareProgram(argv: readonly string[]): Promise<Command> {
  const program = new Command("valetkey")
    .description("An OAuth 2.1 and OpenID Connect authorization server.")
    .version(version(), "-V, --version", "print the version")
    .usage("<command> [options]")
    .helpOption("-h, --help", "print this help")
    .option("--json", "print the result as JSON")
    .option("--database <address>", "sqlite:FILE or postgres://… (default: sqlite:valetkey.sqlite)")
    .option("--config <file>", "configuration, TypeScript or JSON")
    .option("--secret-file <file>", "holds the server's secret, instead of VALETKEY_SECRET")
    .option("--debug", "with an unexpected error, show where it happened")
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
    .configureOutput({ outputError: () => {} })
    .exitOverride()
    .addHelpText("after", EXAMPLES);
  for (const { name, summary, load } of COMMANDS) {
    const command = program.command(name).description(summary);
    if (argv.includes(name)) (await load())(command);
  }
  return program;
}

function version(): string {
  // In the built package, this file is one folder deeper, in dist/src.
  const path = import.meta.url.endsWith(".ts") ? "../../package.json" : "../../../package.json";
  const about: unknown = JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8"));
  return typeof about === "object" && about && "version" in about ? String(about.version) : "?";
}

/** Reports commander's error about a command line in the form of all other errors. */
function refuse({ exitCode, code, message }: CommanderError, command: Command): number {
  if (exitCode === 0) return 0;
  if (code === "commander.help") return 2; // commander has printed the help to stderr
  const [problem = "", suggestion] = message.split("\n");
  say(problem.startsWith("error:") ? problem : `error: ${problem}`);
  const [, meant] = /Did you mean (?:one of )?(.*)\?\)/.exec(suggestion ?? "") ?? [];
  say(`hint: ${meant ? `did you mean ${meant}? See ` : "see "}${pathOf(command)} --help`);
  return 2;
}

/** Key ids are random text: one that begins with a hyphen is an argument, and not a group of flags. */
function idsLast(argv: readonly string[]): string[] {
  const ids = argv.filter((each) => /^-[\w][\w-]{18,}$/.test(each));
  const others = argv.filter((each) => !ids.includes(each));
  return ids.length === 0 || argv.includes("--") ? [...argv] : [...others, "--", ...ids];
}

function commandIn(program: Command, argv: readonly string[]): Command {
  let found = program;
  for (const each of argv)
    found = found.commands.find((command) => command.name() === each) ?? found;
  return found;
}

function pathOf(command: Command): string {
  return command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();
}
