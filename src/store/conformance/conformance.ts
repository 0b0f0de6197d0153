/** The requirements of every store, as tests: run `testStore` on your own store. */
import { after, before, describe, test } from "node:test";
import type { Store } from "../store.ts";
import { accountScenarios } from "./accounts.ts";
import { alongsideScenarios, endingScenarios, pageScenarios } from "./alongside.ts";
import { auditScenarios } from "./audit.ts";
import { clientEndingScenarios } from "./client_endings.ts";
import { clientSessionScenarios } from "./client_sessions.ts";
import { clientScenarios, keyScenarios } from "./clients.ts";
import { consentScenarios } from "./consents.ts";
import { counterScenarios } from "./counters.ts";
import { endedTokenScenarios } from "./ended_tokens.ts";
import { factorRaces } from "./factor_races.ts";
import { factorUseScenarios, racingFactors } from "./factor_uses.ts";
import { factorScenarios } from "./factors.ts";
import { grantScenarios } from "./grants.ts";
import { jobScenarios } from "./jobs.ts";
import { type StoreProcess, startProcess } from "./process.ts";
import { processScenarios } from "./races.ts";
import { registrationScenarios } from "./registrations.ts";
import { secretScenarios } from "./secrets.ts";
import { sessionScenarios } from "./sessions.ts";
import { claimScenarios } from "./single_use.ts";
import { racingScenarios, stateScenarios } from "./state.ts";
import { sweepScenarios } from "./sweep.ts";
import { transactionScenarios } from "./transactions.ts";

export type * from "../ended_tokens.ts";
export type * from "../factor_store.ts";
export type * from "../records.ts";
export type * from "../single_use_store.ts";
export type * from "../store.ts";
export { CONFORMANCE_LIFETIMES } from "./samples.ts";

export interface TwoNodes {
  /** Opens one empty database twice, as two processes would. Left out: two nodes are not tested. */
  openTwice?: () => Promise<readonly [Store, Store]>;
}

export interface TwoProcesses {
  /** URL of a module whose `open(database)` opens the store: each process imports it for itself. */
  module: URL;
  /** Returns the address of an empty database. */
  newDatabase: () => Promise<string>;
}

/**
 * Registers `node:test` tests for everything that `Store` promises, races included.
 *
 * @param open opens an empty store, with `CONFORMANCE_LIFETIMES`; each test opens and closes its own
 * @example
 * testStore("my store", async () => myStore(await emptyDatabase(), CONFORMANCE_LIFETIMES));
 */
export function testStore(
  name: string,
  open: () => Promise<Store>,
  { openTwice }: TwoNodes = {},
): void {
  const groups = {
    grants: grantScenarios,
    consents: consentScenarios,
    sessions: sessionScenarios,
    "clients of sessions": clientSessionScenarios,
    "stored transactions": transactionScenarios,
    "claimed ids": claimScenarios,
    "ended access tokens": endedTokenScenarios,
    counters: counterScenarios,
    clients: clientScenarios,
    registrations: registrationScenarios,
    accounts: accountScenarios,
    factors: factorScenarios,
    "uses of factors": factorUseScenarios,
    "signing keys": keyScenarios,
    "server secrets": secretScenarios,
    "schema and version": stateScenarios,
    "clean-up": sweepScenarios,
    "security events": auditScenarios,
    "written together": alongsideScenarios,
    "ended together": endingScenarios,
    "clients that end": clientEndingScenarios,
    pages: pageScenarios,
    jobs: jobScenarios,
  };
  for (const [group, scenarios] of Object.entries(groups))
    describe(`${name}: ${group}`, () => {
      for (const [sentence, scenario] of Object.entries(scenarios))
        test(sentence, async () => {
          await ready([await open()], scenario);
        });
    });
  if (!openTwice) return;
  describe(`${name}: two nodes`, () => {
    for (const [sentence, scenario] of Object.entries({ ...racingScenarios, ...racingFactors }))
      test(sentence, async () => {
        await ready(await openTwice(), scenario);
      });
  });
}

/**
 * Registers tests in which two processes race for the rows of one database. They wait for a common moment of the
 * machine's clock, so that their operations really overlap.
 *
 * @example
 * testStoreInProcesses("my store", {
 *   module: new URL("../open_my_store.ts", import.meta.url),
 *   newDatabase: emptyDatabase,
 * });
 */
export function testStoreInProcesses(name: string, { module, newDatabase }: TwoProcesses): void {
  describe(`${name}: two processes`, () => {
    let pair: readonly [StoreProcess<Store>, StoreProcess<Store>];
    before(async () => {
      pair = await Promise.all([startProcess<Store>(module), startProcess<Store>(module)]);
    });
    after(() => Promise.all(pair.map((each) => each.stop())));
    for (const [sentence, scenario] of Object.entries({ ...processScenarios, ...factorRaces }))
      test(sentence, async () => {
        const database = await newDatabase();
        const { open }: { open: (database: string) => Promise<Store> } = await import(module.href);
        await ready([await open(database)], async (store) => {
          await Promise.all(pair.map((each) => each.open(database)));
          await scenario(pair, store);
          await Promise.all(pair.map((each) => each.close()));
        });
      });
  });
}

async function ready<T extends Store[]>(
  stores: readonly [...T],
  run: (...stores: T) => Promise<void>,
): Promise<void> {
  try {
    // Nodes that start at the same moment migrate at the same moment.
    await Promise.all(stores.map((store) => store.migrate()));
    await run(...stores);
  } finally {
    await Promise.all(stores.map((store) => store.close()));
  }
}
