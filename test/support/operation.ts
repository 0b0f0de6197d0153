/** A database in memory, and the environment that operations take beside their input. */

import type { ClientEnv } from "../../src/clients/rules.ts";
import { parseConfig } from "../../src/config.ts";
import { FEATURES } from "../../src/features.ts";
import { createOutbound } from "../../src/http/outbound.ts";
import { acceptedMetadata } from "../../src/offer.ts";
import type { Actor, Env } from "../../src/operation.ts";
import { builtInUsers } from "../../src/people/built_in_users.ts";
import type { PeopleEnv } from "../../src/people/users.ts";
import { sqlStore } from "../../src/store/sql/store.ts";
import { sqliteDriver } from "../../src/store/sqlite/driver.ts";
import { START } from "./server.ts";

export const OPERATOR: Actor = { kind: "operator", id: "root", via: "command" };
export const personActor = (sub: string): Actor => ({
  ...{ kind: "person", id: sub, via: "page" },
  ...{ address: "203.0.113.7", event_id: "a-request" },
});

export interface OperationTest extends AsyncDisposable {
  env: PeopleEnv & ClientEnv;
  store: Env["store"];
  advance(seconds: number): void;
  /** The oldest first, without the fields that differ each time. */
  events(): Promise<object[]>;
}

export async function operationTest(): Promise<OperationTest> {
  let now = START;
  const settings = parseConfig({});
  const store = sqlStore(sqliteDriver(":memory:"), settings.lifetimes);
  await store.migrate();
  const clock = () => now * 1000;
  const accepted_metadata = acceptedMetadata(FEATURES);
  const users = builtInUsers(store, clock);
  const outbound = createOutbound({ allow_private_fetch: true });
  return {
    env: { store, settings, accepted_metadata, catalogue: null, clock, users, outbound },
    store,
    advance(seconds) {
      now += seconds;
    },
    async events() {
      const found = await store.listAudit({ limit: 1000 });
      return found.reverse().map(({ audit_id: _, at: __, expires_at: ___, ...event }) => event);
    },
    [Symbol.asyncDispose]: () => store.close(),
  };
}
