/** Messages for the operator when PostgreSQL can't be used: TLS, names, rights. Real servers, and the real command. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { workplace } from "../cli/cli.ts";
import { type OwnPostgres, startOwnPostgres } from "../support/postgres.ts";
import { SECRET } from "../support/two_nodes.ts";

const NAMES = "test/vectors/tls/names";
const SELF_SIGNED = { cert: "test/vectors/tls/one.crt", key: "test/vectors/tls/one.key" };
const signed = (name: string) => ({ cert: `${NAMES}/${name}.crt`, key: `${NAMES}/leaf.key` });
const place = workplace();
after(() => place.remove());
const started: OwnPostgres[] = [];
after(() => Promise.all(started.map((postgres) => postgres.stop())));

async function postgresWith(tls?: { cert: string; key: string }): Promise<OwnPostgres> {
  const postgres = await startOwnPostgres([], tls);
  started.push(postgres);
  return postgres;
}
const list = (url: string) =>
  place.run(["user", "list", "--database", url], { env: { VALETKEY_SECRET: SECRET } });

async function assertExplained(url: string, error: RegExp, hint: RegExp): Promise<void> {
  const { code, stderr } = await list(url);
  assert.equal(code, 1, stderr);
  assert.match(stderr, new RegExp(`^error: .*${error.source}`, "m"));
  assert.match(stderr, new RegExp(`^hint: .*${hint.source}`, "m"));
  assert.doesNotMatch(stderr, /bug in valetkey|SECURITY WARNING|\n {4}at /);
}
const CA = `sslrootcert=${process.cwd()}/${NAMES}/ca.crt`;

test("a self-signed certificate: the hint names sslmode and sslrootcert, for each mode that providers write", async () => {
  const { url } = await postgresWith(SELF_SIGNED);
  for (const mode of ["require", "prefer", "verify-full"])
    await assertExplained(
      `${url}?sslmode=${mode}`,
      /can't be verified.*self-signed/,
      /sslmode=verify-full&sslrootcert=FILE/,
    );
  const migrated = await place.run(["migrate", "--database", `${url}?sslmode=no-verify`], {
    env: { VALETKEY_SECRET: SECRET },
  });
  assert.equal(migrated.code, 0, migrated.stderr);
  const own = `sslmode=verify-full&sslrootcert=${process.cwd()}/${SELF_SIGNED.cert}`;
  assert.equal((await list(`${url}?${own}`)).code, 0);
});

test("a certificate that has expired, one for another name, and one that is right", async () => {
  const [expired, other, good] = await Promise.all(
    ["expired", "other", "good"].map((name) => postgresWith(signed(name))),
  );
  const at = (postgres: OwnPostgres | undefined) => `${postgres?.url}?sslmode=verify-full&${CA}`;
  await assertExplained(at(expired), /has expired/, /renew it/);
  await assertExplained(at(other), /another host name/, /host name of the certificate/);
  await assertExplained(`${good?.url}?sslmode=require`, /can't be verified/, /sslrootcert=FILE/);
  const { code, stderr } = await place.run(["migrate", "--database", at(good)], {
    env: { VALETKEY_SECRET: SECRET },
  });
  assert.equal(code, 0, stderr);
});

test("a server without TLS, a database that is missing, and a role without rights", async () => {
  const postgres = await postgresWith();
  const { url } = postgres;
  await assertExplained(`${url}?sslmode=verify-full`, /offers no TLS/, /ssl = on|sslmode=disable/);
  const missing = url.replace(/\/postgres$/, "/nowhere");
  await assertExplained(missing, /"nowhere" does not exist/, /CREATE DATABASE/);
  await postgres.query("CREATE ROLE app LOGIN");
  const as_app = url.replace("postgres@", "app@");
  const { code, stderr } = await place.run(["migrate", "--database", as_app], {
    env: { VALETKEY_SECRET: SECRET },
  });
  assert.equal(code, 1);
  assert.match(stderr, /^error: .*permission denied for schema public/m);
  assert.match(stderr, /^hint: .*GRANT CREATE ON SCHEMA public/m);
});
