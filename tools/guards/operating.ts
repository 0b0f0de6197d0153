/** Operating: rate limits, security events, metrics, TLS, the clock of the database. */
import { type Guard, guardsOf } from "./guard.ts";

const LIMITS = "test/flows/rate_limits.test.ts";
const OPERATING = "test/flows/operating.test.ts";
const AUDIT = "test/flows/audit.test.ts";
const CLIENT_OPERATIONS = "src/clients/operations.test.ts";
const PEOPLE_OPERATIONS = "src/people/operations.test.ts";
const CLOCK = "src/store/database_clock.test.ts";
const LONG_TEXTS = "test/security/long_texts.test.ts";

export const operatingGuards: readonly Guard[] = [
  ...guardsOf("src/http/rate_limit.ts", ["src/http/rate_limit.test.ts", LIMITS], {
    "a request over the limit is refused": [
      "if (!quota.allowed) throw new RateLimited(",
      "if (false) throw new RateLimited(",
    ],
  }),
  ...guardsOf(
    "src/http/token_bucket.ts",
    ["src/http/rate_limit.test.ts", "src/http/outbound.test.ts", LIMITS],
    {
      "a rate has a limit": ["const allowed = bucket.left >= 1;", "const allowed = true;"],
      "a bucket never holds more than its limit": [
        "Math.min(limit, bucket.left + (elapsed * limit) / window)",
        "bucket.left + (elapsed * limit) / window",
      ],
      "a clock that steps back fills no bucket": [
        "Math.max(0, ms - bucket.at) / 1000",
        "Math.abs(ms - bucket.at) / 1000",
      ],
      "a bucket in use is not forgotten when many new ones come": [
        "const bucket = old.get(name) ?? {",
        "const bucket = {",
      ],
      "the memory of a limit is bounded": ["if (young.size >= MOST)", "if (false)"],
    },
  ),
  ...guardsOf(
    "src/http/shared_rate_limit.ts",
    ["src/http/shared_rate_limit.test.ts", "test/workers/limits.test.ts"],
    {
      "a request that one process of a node accepts counts at the others": [
        "own.spend(kind, name, { count, ms });",
        "void [kind, name, count, ms];",
      ],
    },
  ),
  ...guardsOf("src/dispatch.ts", [LIMITS], {
    "requests of one network are limited": [
      'if (route.limited) takeFromNetwork("address"',
      'if (false) takeFrom("address"',
    ],
  }),
  ...guardsOf("src/features.ts", [LIMITS], {
    "tokens are limited for each network": [
      'limited: true, advertised_as: "token_endpoint"',
      'advertised_as: "token_endpoint"',
    ],
    "revocation is limited for each network": [
      'limited: true, advertised_as: "revocation_endpoint"',
      'advertised_as: "revocation_endpoint"',
    ],
    "introspection is limited for each network": [
      'limited: true, cors: false, advertised_as: "introspection_endpoint"',
      'cors: false, advertised_as: "introspection_endpoint"',
    ],
    "userinfo is limited for each network": [
      'limited: true, advertised_as: "userinfo_endpoint"',
      'advertised_as: "userinfo_endpoint"',
    ],
  }),
  ...guardsOf("src/client_auth/client_auth.ts", [LIMITS], {
    "requests of one client are limited": [
      'takeFrom("client", whoseLimit(authenticated.client, request), ctx);',
      "",
    ],
    "a request without proof takes nothing from a client's limit": [
      "const proof = await method.prove(presented, client, ctx);",
      'takeFrom("client", presented.client_id, ctx); const proof = await method.prove(presented, client, ctx);',
    ],
    "a public client is counted for each network": [
      "isConfidential(metadata) ? client_id : `${client_id} ${networkOf(address)}`",
      "client_id",
    ],
  }),
  ...guardsOf("src/endpoints/token.ts", [LIMITS], {
    "token requests for one person are limited": [
      'if (allowed.granted && tries === 1) takeFrom("account", allowed.granted.grant.sub, ctx);',
      "",
    ],
  }),
  ...guardsOf("src/store/audit.ts", [AUDIT, "src/store/audit.test.ts"], {
    "a security event has an end": ["expires_at: at + retention,", "expires_at: 9e15,"],
    "security events are ordered, whatever the clock does": [
      "if (ms > last || ms < last - 1000) [last, count] = [ms, 0];",
      "[last, count] = [ms, 0];",
    ],
  }),
  ...guardsOf("src/store/bounded.ts", ["src/store/audit.test.ts", LONG_TEXTS], {
    "a stranger's text in a security event is bounded": [
      'if (typeof value === "string") return cut(value, longest);',
      'if (typeof value === "string") return value;',
    ],
    "all members of a security event together are bounded": ['left < 0 ? "…" : part', "part"],
    "a security event has a bounded number of members": [
      "Object.entries(members).slice(0, MOST)",
      "Object.entries(members)",
    ],
  }),
  ...guardsOf("src/http/bounded_log.ts", [LONG_TEXTS], {
    "a stranger's text in a log line is bounded": [
      "isSmall(fields) ? fields : bounded(fields, LONGEST_FIELD)",
      "fields",
    ],
  }),
  ...guardsOf("src/node/log.ts", [LONG_TEXTS], {
    "secrets are masked in linear time": ["[\\w.-]{8,}/g", "[\\w-]{8,}(?:\\.[\\w-]+){1,4}/g"],
  }),
  ...guardsOf("src/store/sql/sweep.ts", ["src/store/sqlite/driver.test.ts"], {
    "security events go at their end": [
      'await remove("person_event", "audit_id", { over: "expires_at <= ?", args: [now] }),',
      "",
    ],
  }),
  ...guardsOf("src/authorization_server.ts", [AUDIT, "test/flows/clock.test.ts"], {
    "time is the database's": ["given ?? database_clock?.now ?? Date.now", "given ?? Date.now"],
  }),
  ...guardsOf("src/grants/authorization_code.ts", [AUDIT], {
    "a code that is used again is a security event": [
      'event: "code_reused",',
      'event: "token_revoked",',
    ],
  }),
  ...guardsOf("src/grants/refresh_token.ts", [AUDIT], {
    "a refresh token that is used again is a security event": [
      'event: "refresh_token_reused",',
      'event: "token_revoked",',
    ],
  }),
  ...guardsOf("src/tokens/leak.ts", [AUDIT], {
    "the event of a leak is written with the revocation": [
      "{ events: [audit(event, about, ctx)] }",
      "{ events: [] }",
    ],
  }),
  ...guardsOf("src/store/sql/grants.ts", [AUDIT], {
    "a leak that shows again and again is one security event": [
      "args: [now, ...key(grant_id)],\n      must_change: true,",
      "args: [now, ...key(grant_id)],",
    ],
  }),
  ...guardsOf("src/operation.ts", [CLIENT_OPERATIONS], {
    "an event says who did it": ["const audited = { actor, actor_id,", "const audited = { actor,"],
  }),
  ...guardsOf("src/clients/describe_client.ts", [CLIENT_OPERATIONS], {
    "of a client's secrets events tell times only": [
      "secrets.map(({ created_at, expires_at }) => ({ created_at, expires_at }))",
      "secrets",
    ],
  }),
  ...guardsOf("src/people/account.ts", [PEOPLE_OPERATIONS], {
    "the hash of a password stands in no event": [
      "return { username, login_email,",
      "return { password_hash: account.password_hash, username, login_email,",
    ],
  }),
  ...guardsOf("src/clients/change_client.ts", [CLIENT_OPERATIONS], {
    "a change of a client is an event": [
      "return env.store.updateClient(changed, { before: client, events, jobs, ...ending });",
      "return env.store.updateClient(changed, { before: client, jobs, ...ending, events: events.slice(1) });",
    ],
    "a concurrent change of a client is not undone": [
      "return env.store.updateClient(changed, { before: client, events, jobs, ...ending });",
      "return env.store.updateClient(changed, { events, jobs, ...ending });",
    ],
  }),
  ...guardsOf("src/people/change_person.ts", [PEOPLE_OPERATIONS], {
    "a change of a person is an event": [
      "{ before: account, events, jobs }))",
      "{ before: account, events: events.slice(1), jobs }))",
    ],
    "a concurrent change of a person is not undone": [
      "{ before: account, events, jobs }))",
      "{ events, jobs }))",
    ],
  }),
  ...guardsOf(
    "src/node/log.ts",
    ["src/node/log.test.ts", "test/security/response_integrity.test.ts"],
    {
      "fields that hold secrets are masked in the log": [
        'redact: { paths: SECRET_FIELDS, censor: "…" },',
        "",
      ],
      "tokens and secrets are masked wherever they stand in the log": [
        ".replace(SECRETS, (_, prefix) => `${prefix}…`)",
        "",
      ],
      "a line of the log is one line": [".replace(CONTROLS,", ".replace(/^$/g,"],
    },
  ),
  ...guardsOf("src/observe/metrics.ts", [OPERATING], {
    "a method that a stranger made up is no label": ['METHODS.has(sent) ? sent : "other"', "sent"],
    "clients in metrics are bounded": ['if (known.size >= most) return "other";', ""],
  }),
  ...guardsOf("src/dispatch.ts", ["test/flows/staleness.test.ts"], {
    "a node that can't see what has changed goes on for a while only": [
      "if (!route.outlasts_database) checkFresh(server);",
      "",
    ],
  }),
  ...guardsOf("src/store/version_watch.ts", ["src/store/version_watch.test.ts"], {
    "the age of known versions counts from the start of the read": [
      "seen_at = began;",
      "seen_at = elapsed_ms();",
    ],
    "only an answer shows how old the versions are": [
      "const found = await store.readState();",
      "seen_at = began; const found = await store.readState();",
    ],
  }),
  ...guardsOf("src/dispatch.ts", [OPERATING], {
    "a path that a stranger made up is no label": [
      "const label = route?.path ?? null;",
      "const label = path;",
    ],
  }),
  ...guardsOf("src/node/metrics_listener.ts", [OPERATING], {
    "metrics on a loopback address answer no name of a stranger": [
      "if (isLoopback(at.host) && !isNamedLocally(request.headers.host))",
      "if (false)",
    ],
    "the port of the metrics answers for nothing else": [
      'request.method === "GET" && request.url?.split("?")[0] === "/metrics"',
      'request.method !== ""',
    ],
  }),
  ...guardsOf("src/node/tls.ts", [OPERATING], {
    "a key that is another certificate's is refused": ["createSecureContext(pair);", ""],
    "a certificate that can't be used replaces none": [
      "const pair = readTls(files);",
      'const pair = { cert: read("tls.cert", files.cert), key: read("tls.key", files.key) };',
    ],
  }),
  ...guardsOf("src/node/listen.ts", ["src/node/listen.test.ts"], {
    "localhost is not shared with a program that has its IPv6 address": [
      "if (isWithoutIpv6(error)) return [server];",
      "if (error) return [server];",
    ],
    "a server that stops takes no connection on either address of localhost": [
      "for (const each of servers)",
      "for (const each of servers.slice(0, 1))",
    ],
  }),
  ...guardsOf("src/node/http_server.ts", [OPERATING], {
    "a renewed certificate is the one that is shown": [
      "(pair) => server.setSecureContext(pair)",
      "() => {}",
    ],
  }),
  ...guardsOf("src/store/database_clock.ts", [CLOCK, "test/flows/clock.test.ts"], {
    "a slow answer tells no time": [" || answered - sent > SLOW_ANSWER", ""],
    "a machine whose clock is set keeps the database's time": [
      "return Math.round(origin + steady());",
      "return Math.round(origin + wall());",
    ],
    "a machine that slept asks for the time at once": [
      "if (Math.abs(wall() - steady() - apart) > STEP)",
      "if (false)",
    ],
  }),
  ...guardsOf("src/jobs/database_clock.ts", ["test/flows/clock.test.ts"], {
    "a clock that is far off is warned of": ["Math.abs(ms) > CLOCK_WARNING", "false"],
  }),
  ...guardsOf("src/jobs/run_job.ts", ["src/jobs/runner.test.ts", "test/jobs/processes.test.ts"], {
    "a lease is renewed while its job runs": ["setInterval(renew,", "setInterval(() => {},"],
    "a job that another node has is told to stop": ["if (!ours) lost();", ""],
    "a job that is past its end does not run": [
      "if (job.expires_at <= now()) return await giveUp(env);",
      "",
    ],
    "a job that was told to stop is not finished": [
      "if (!lease.signal.aborted && !(await store.finishJob(job))) lost();",
      "if (!(await store.finishJob(job))) lost();",
    ],
    "the stored text of an error is bounded": [".slice(0, LONGEST)", ""],
  }),
  ...guardsOf("src/jobs/jobs.ts", ["src/jobs/jobs.test.ts"], {
    "one process of a node works on jobs": [
      "const runners = keeps_house",
      "const runners = server",
    ],
  }),
];
