/** Runs all checks over all facts, from the most basic one on. */
import type { Settings } from "../../config_schema.ts";
import type { ServerSecrets } from "../../crypto/server_secret.ts";
import {
  checkAuthorizationHeader,
  checkCaching,
  checkConnections,
  checkErrors,
  checkLimits,
} from "./check_answers.ts";
import { checkClients } from "./check_clients.ts";
import { checkCors } from "./check_cors.ts";
import {
  checkDatabase,
  checkFiles,
  checkKeys,
  checkNoDatabase,
  checkSecret,
} from "./check_database.ts";
import { checkLogouts } from "./check_logouts.ts";
import { checkMail, type MailFacts } from "./check_mail.ts";
import { checkDocuments, checkEndpoints, checkIssuer, checkJwks } from "./check_metadata.ts";
import { checkCookies, checkPages } from "./check_pages.ts";
import { checkPasskeys } from "./check_passkeys.ts";
import { checkClientAddress, checkForgedAddress, checkProxy } from "./check_proxy.ts";
import { checkRegistration } from "./check_registration.ts";
import { checkClock, checkPlainHttp, checkReady, checkTls } from "./check_transport.ts";
import { type Answers, publishedIn, replyOf } from "./collect.ts";
import { type Finding, leftOut, problem } from "./finding.ts";
import type { FirstMinutes } from "./first_minutes.ts";
import type { DatabaseFacts, Failure } from "./inspect_database.ts";
import type { TlsFacts } from "./inspect_tls.ts";

export interface Facts {
  /** As it was given, and without a slash at the end. */
  asked: string;
  issuer: string;
  /** The issuer in the configuration; null: it is not set, or there is no configuration. */
  configured: string | null;
  limits: { header: number; body: number };
  lifetimes: { access_token: number; id_token: number };
  /** How people sign in, as configured. */
  sign_in: Pick<Settings, "issuer" | "passkeys" | "sign_in">;
  registration: Settings["registration"];
  answers: Answers | { silence: string };
  /** Null: nothing answers. */
  first: FirstMinutes | null;
  /** Null: no TLS. */
  tls: TlsFacts | { silence: string } | null;
  /** Null: none is known. */
  database: DatabaseFacts | Failure | null;
  secrets: ServerSecrets | Failure | null;
  mail: MailFacts;
  /** Seconds since the epoch, by the clock of this computer. */
  now: number;
}

export function checkAll(facts: Facts): Finding[] {
  const found = [...fromOutside(facts), ...fromInside(facts), checkMail(facts.mail)];
  return found.filter((each) => each !== null);
}

type Findings = (Finding | null)[];

function fromOutside(facts: Facts): Findings {
  const { answers, first, tls, issuer, asked, configured, database } = facts;
  const { limits, now, registration } = facts;
  if ("silence" in answers)
    return [
      problem(
        "address",
        `${issuer} does not answer: ${answers.silence}`,
        "start the server (valetkey start), or name the address that people use with --issuer; then look at the proxy, the firewall and DNS",
      ),
    ];
  const offset = database && "clock_offset_ms" in database ? database.clock_offset_ms : null;
  return [
    tls && checkTls(tls, { issuer, now }),
    checkPlainHttp(answers),
    checkDocuments(answers),
    checkIssuer(answers, { asked, configured }),
    checkEndpoints(answers),
    checkJwks(answers),
    checkProxy(answers),
    checkClientAddress(answers),
    checkForgedAddress(answers),
    checkAuthorizationHeader(answers),
    checkErrors(answers),
    checkCors(answers),
    checkCookies(answers),
    checkPages(answers),
    ...(first ? checkClients({ ...answers, first }) : []),
    checkCaching(answers),
    checkLimits(answers, limits),
    checkConnections(answers),
    checkRegistration(answers, registration),
    checkClock(answers, offset),
    checkReady(answers),
  ];
}

/** Seconds that the key set keeps a key after the life of its last token. */
const SLACK = 120;

function fromInside({ answers, database, secrets, lifetimes, sign_in }: Facts): Findings {
  if (database === null)
    return [
      leftOut(
        "database",
        "only the address is known, so that neither it nor the keys were looked at",
        "name it with --config or --database",
      ),
    ];
  if ("failed" in database) return [checkNoDatabase(database)];
  const keys = "silence" in answers ? null : publishedIn(replyOf(answers, "jwks_uri"));
  const longest_life = Math.max(lifetimes.access_token, lifetimes.id_token) + SLACK;
  const published = keys?.map(({ kid }) => String(kid)) ?? null;
  return [
    checkDatabase(database),
    checkFiles(database),
    checkKeys(database, { published, longest_life }),
    secrets && checkSecret(database, secrets),
    checkLogouts(database),
    checkPasskeys(database, sign_in),
  ];
}
