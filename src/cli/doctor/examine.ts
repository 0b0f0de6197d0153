/** All checks over all facts, in the order in which one would look. */
import type { ServerSecrets } from "../../crypto/server_secret.ts";
import {
  checkAuthorizationHeader,
  checkCaching,
  checkConnections,
  checkErrors,
  checkLimits,
} from "./check_answers.ts";
import { checkCors } from "./check_cors.ts";
import {
  checkDatabase,
  checkFiles,
  checkKeys,
  checkNoDatabase,
  checkSecret,
} from "./check_database.ts";
import { checkDocuments, checkEndpoints, checkIssuer, checkJwks } from "./check_metadata.ts";
import { checkCookies, checkPages } from "./check_pages.ts";
import { checkClientAddress, checkForgedAddress, checkProxy } from "./check_proxy.ts";
import { checkClock, checkPlainHttp, checkReady, checkTls } from "./check_transport.ts";
import { type Finding, leftOut, problem } from "./finding.ts";
import type { DatabaseFacts, Failure } from "./look_database.ts";
import type { TlsFacts } from "./look_tls.ts";
import { publishedIn, type Visit } from "./visit.ts";

export interface Facts {
  /** As it was asked for, and the same without a slash at its end. */
  asked: string;
  issuer: string;
  /** What the configuration says; null: nothing, or there is none. */
  configured: string | null;
  limits: { header: number; body: number };
  lifetimes: { access_token: number; id_token: number };
  visited: Visit | { silence: string };
  /** Null: there is no TLS to look at. */
  tls: TlsFacts | { silence: string } | null;
  /** Null: none is known. */
  database: DatabaseFacts | Failure | null;
  secrets: ServerSecrets | Failure | null;
  /** Seconds since the epoch, by the clock of this computer. */
  now: number;
}

export function examine(facts: Facts): Finding[] {
  const found = [...fromOutside(facts), ...fromInside(facts)];
  return found.filter((each) => each !== null);
}

type Findings = (Finding | null)[];

function fromOutside(facts: Facts): Findings {
  const { visited, tls, issuer, asked, configured, limits, database, now } = facts;
  if ("silence" in visited)
    return [
      problem(
        "address",
        `${issuer} does not answer: ${visited.silence}`,
        "start the server (valetkey start), or name the address that people use with --issuer; then look at the proxy, the firewall and DNS",
      ),
    ];
  const offset = database && "clock_offset_ms" in database ? database.clock_offset_ms : null;
  return [
    tls && checkTls(tls, { issuer, now }),
    checkPlainHttp(visited),
    checkDocuments(visited),
    checkIssuer(visited, { asked, configured }),
    checkEndpoints(visited),
    checkJwks(visited),
    checkProxy(visited),
    checkClientAddress(visited),
    checkForgedAddress(visited),
    checkAuthorizationHeader(visited),
    checkErrors(visited),
    checkCors(visited),
    checkCookies(visited),
    checkPages(visited),
    checkCaching(visited),
    checkLimits(visited, limits),
    checkConnections(visited),
    checkClock(visited, offset),
    checkReady(visited),
  ];
}

/** Seconds that the key set still holds a key beyond the life of its last token. */
const SLACK = 120;

function fromInside({ visited, database, secrets, lifetimes }: Facts): Findings {
  if (database === null)
    return [
      leftOut(
        "database",
        "only the address is known, so that neither it nor the keys were looked at",
        "name it with --config or --database",
      ),
    ];
  if ("failed" in database) return [checkNoDatabase(database)];
  const keys = "silence" in visited ? null : publishedIn(visited.endpoints.jwks_uri.reply);
  const longest_life = Math.max(lifetimes.access_token, lifetimes.id_token) + SLACK;
  const published = keys?.map(({ kid }) => String(kid)) ?? null;
  return [
    checkDatabase(database),
    checkFiles(database),
    checkKeys(database, { published, longest_life }),
    secrets && checkSecret(database, secrets),
  ];
}
