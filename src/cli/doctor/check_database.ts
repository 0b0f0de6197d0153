/** Checks the database, its files, the signing keys, and the secret that they depend on. */
import type { ServerSecrets } from "../../crypto/server_secret.ts";
import {
  algsInUse,
  publishedKeys,
  ROTATION_PERIOD,
  SIGNING_ALGS,
  signingKeyAt,
} from "../../crypto/signing_key.ts";
import { type Finding, leftOut, listed, ok, problem, warning } from "./finding.ts";
import type { DatabaseFacts, Failure } from "./inspect_database.ts";

/** Milliseconds of round trip from which on requests become noticeably slower. */
const FAR = 50;
/** Bytes. The write-ahead log is checkpointed at 4 MB; a much longer one means that a reader blocks the checkpoint. */
const LONG_LOG = 256_000_000;
/** Connections of one node (docs/postgresql.md). */
const POOL = 16;
const OLDEST_POSTGRES = 13;

export function checkDatabase({
  shown,
  schema,
  round_trip_ms,
  files,
  postgres,
}: DatabaseFacts): Finding {
  const check = "database";
  const { version, newest } = schema;
  if (version < newest)
    return problem(
      check,
      `${shown} has schema ${version}, and ${newest} is needed`,
      "valetkey migrate, or start a server of this version: it does the same",
    );
  if (version > newest + 1)
    return problem(
      check,
      `${shown} has schema ${version}, and this version of valetkey knows ${newest}`,
      "use the newer version that wrote it",
    );
  if (postgres && Math.floor(postgres.version) < OLDEST_POSTGRES)
    return problem(
      check,
      `PostgreSQL ${postgres.version}`,
      `${OLDEST_POSTGRES} is the oldest that valetkey runs on`,
    );
  if (postgres && postgres.connections + POOL > postgres.max_connections)
    return warning(
      check,
      `${postgres.connections} of ${postgres.max_connections} connections are in use, and a node may need ${POOL}`,
      "raise max_connections above 16 times the nodes, plus the needs of other programs",
    );
  const log = files.find(({ kind }) => kind === "log");
  if (log && log.bytes > LONG_LOG)
    return warning(
      check,
      `${log.path} has ${size(log.bytes)}: something reads for long, and keeps it from being folded back`,
      "close other programs that have the database open, such as a backup tool; then it shrinks by itself",
    );
  if (round_trip_ms > FAR)
    return warning(
      check,
      `${shown} takes ${Math.round(round_trip_ms)} ms to answer`,
      "put the nodes into the same network as the database, and look at its load",
    );
  const main = files.find(({ kind }) => kind === "database")?.bytes ?? postgres?.bytes ?? 0;
  const about = [
    postgres ? `PostgreSQL ${Math.floor(postgres.version)}` : "SQLite",
    `schema ${version}`,
    size(main),
    ...(log ? [`log ${size(log.bytes)}`] : []),
    `answers in ${round_trip_ms.toFixed(1)} ms`,
  ];
  return ok(check, `${shown}: ${about.join(", ")}`);
}

/** The finding for a configured database that can't be read. */
export const checkNoDatabase = ({ failed, hint }: Failure): Finding =>
  problem("database", failed, hint ?? "name it with --database");

function size(bytes: number): string {
  if (bytes < 1_000_000) return `${Math.ceil(bytes / 1000)} kB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}

/** People's data, password hashes and the secret must be readable by the server's user only. */
export function checkFiles({ files }: Pick<DatabaseFacts, "files">): Finding | null {
  const check = "files";
  const checked = files.filter(({ mode }) => mode !== null);
  if (checked.length === 0) return null;
  const open = checked.filter(({ mode }) => ((mode ?? 0) & 0o077) !== 0);
  if (open.length === 0) return ok(check, "for the server's user alone");
  return warning(
    check,
    `other users of this computer can read ${listed(open.map(({ path, mode }) => `${path} (${mode?.toString(8)})`))}`,
    `chmod 600 ${open.map(({ path }) => path).join(" ")}`,
  );
}

const DAY = 86_400;

/** @param published kids of the published key set; null: there is none */
export function checkKeys(
  { keys, now }: Pick<DatabaseFacts, "keys" | "now">,
  { published, longest_life }: { published: readonly string[] | null; longest_life: number },
): Finding {
  const check = "signing_keys";
  const due = publishedKeys(keys, now, longest_life).map(({ kid }) => kid);
  if (published && due.length > 0 && !due.some((kid) => published.includes(kid)))
    return problem(
      check,
      "the server publishes none of the keys in this database: it works on another one",
      "name the database that the server uses, with --database or --config",
    );
  const missing = due.filter((kid) => published && !published.includes(kid));
  if (missing.length > 0)
    return problem(
      check,
      `the server does not publish ${listed(missing)}`,
      "a cache keeps an older key set, or a node can't open them: look for a proxy_cache, and compare the secrets of all nodes",
    );
  const signing = algsInUse(keys).map((alg) => ({ alg, key: signingKeyAt(keys, alg, now) }));
  const none = signing.filter(({ key }) => key === null).map(({ alg }) => alg);
  if (none.length > 0)
    return problem(
      check,
      `none signs ${listed(none)}`,
      "start a server on this database: it makes them",
    );
  const old = signing.flatMap(({ alg, key }) =>
    key && key.signs_at + ROTATION_PERIOD + DAY < now
      ? [`${alg} since ${days(now - key.signs_at)}`]
      : [],
  );
  if (old.length > 0)
    return warning(
      check,
      `should have been replaced: ${listed(old)}`,
      "a running server replaces them every 90 days; look at its log for “signing keys failed”, or valetkey keys rotate",
    );
  const said = signing.flatMap(({ alg, key }) =>
    key
      ? [
          `${alg} signs since ${days(now - key.signs_at)}, next in ${days(key.signs_at + ROTATION_PERIOD - now)}`,
        ]
      : [],
  );
  return ok(check, said.join("; "));
}

function days(seconds: number): string {
  const count = Math.max(0, Math.round(seconds / DAY));
  return count === 1 ? "1 day" : `${count} days`;
}

/** @param secrets the secrets that the server would use here */
export function checkSecret(
  {
    keys,
    used_secrets,
    salt_secret,
    now,
  }: Pick<DatabaseFacts, "keys" | "used_secrets" | "salt_secret" | "now">,
  secrets: ServerSecrets | Failure,
): Finding {
  const check = "secret";
  if ("failed" in secrets) return leftOut(check, secrets.failed, secrets.hint);
  const live = keys.filter(({ retired_at }) => retired_at === null);
  const signing = SIGNING_ALGS.flatMap((alg) => signingKeyAt(live, alg, now) ?? []);
  const { secret_id } = secrets.current;
  const lost = signing.filter((key) => key.opens === false && !secrets.leaked.has(key.secret_id));
  if (lost.length > 0)
    return problem(
      check,
      `the signing keys were sealed under ${listed([...new Set(lost.map((key) => key.secret_id))])}, and the secret given is ${secret_id}`,
      "set VALETKEY_SECRET to that one, or after a change VALETKEY_SECRET_PREVIOUS",
    );
  if (salt_secret !== null && !secrets.findForHandle(salt_secret))
    return problem(
      check,
      `the salt of pairwise subjects was sealed under ${salt_secret}, and the secret given is ${secret_id}`,
      "put that secret into VALETKEY_SECRET_PREVIOUS and start a server: it seals the salt anew",
    );
  const unknown = used_secrets.filter((id) => !secrets.findForHandle(id));
  if (unknown.length > 0)
    return warning(
      check,
      `grants depend on ${listed(unknown)}, which is not given: their codes and refresh tokens are refused`,
      "add that secret to VALETKEY_SECRET_PREVIOUS until they have ended",
    );
  const leaked = [...used_secrets, ...live.map((key) => key.secret_id)].filter((id) =>
    secrets.leaked.has(id),
  );
  if (leaked.length > 0)
    return warning(
      check,
      `${listed([...new Set(leaked)])} has leaked, and grants or keys still depend on it`,
      "keep VALETKEY_SECRET_LEAKED: a start replaces keys, and each grant gets a new key at its next use; valetkey secret retire --end-grants ends them now",
    );
  const earlier = [...new Set([...used_secrets, ...live.map((key) => key.secret_id)])].filter(
    (id) => id !== secret_id,
  );
  const still = earlier.length > 0 ? `; ${listed(earlier)} still needed` : "";
  return ok(check, `${secret_id} is in use${still}`);
}
