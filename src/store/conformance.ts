/** What every store must hold, as tests: run `testStore` on a store of your own. */
import { describe, test } from "node:test";
import { accountScenarios } from "./conformance/accounts.ts";
import { auditScenarios } from "./conformance/audit.ts";
import { claimScenarios } from "./conformance/claims.ts";
import { clientScenarios, keyScenarios } from "./conformance/clients.ts";
import { consentScenarios } from "./conformance/consents.ts";
import { counterScenarios } from "./conformance/counters.ts";
import { grantScenarios } from "./conformance/grants.ts";
import { sessionScenarios } from "./conformance/sessions.ts";
import { racingScenarios, stateScenarios } from "./conformance/state.ts";
import { sweepScenarios } from "./conformance/sweep.ts";
import type { Store } from "./store.ts";

export { CONFORMANCE_LIFETIMES } from "./conformance/samples.ts";
export type * from "./records.ts";
export type * from "./store.ts";

export interface TwoNodes {
  /** Opens one empty database twice, as two processes would. Left out: that is not tested. */
  openTwice?: () => Promise<readonly [Store, Store]>;
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
    "claimed ids": claimScenarios,
    counters: counterScenarios,
    clients: clientScenarios,
    accounts: accountScenarios,
    "signing keys": keyScenarios,
    "schema and version": stateScenarios,
    "clean-up": sweepScenarios,
    "security events": auditScenarios,
  };
  for (const [group, scenarios] of Object.entries(groups))
    describe(`${name}: ${group}`, () => {
      for (const [sentence, scenario] of Object.entries(scenarios))
        test(sentence, async () => {
          const store = await open();
          await ready([store], () => scenario(store));
        });
    });
  if (!openTwice) return;
  describe(`${name}: two nodes`, () => {
    for (const [sentence, scenario] of Object.entries(racingScenarios))
      test(sentence, async () => {
        const [one, two] = await openTwice();
        await ready([one, two], () => scenario(one, two));
      });
  });
}

async function ready(stores: readonly Store[], run: () => Promise<void>): Promise<void> {
  try {
    // Nodes that start at the same moment migrate at the same moment.
    await Promise.all(stores.map((store) => store.migrate()));
    await run();
  } finally {
    await Promise.all(stores.map((store) => store.close()));
  }
}
