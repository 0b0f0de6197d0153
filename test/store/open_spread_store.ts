/** Opens a store whose statements each keep to the rows of one place. */
import { CONFORMANCE_LIFETIMES, type Store } from "../../src/store/conformance/conformance.ts";
import { sqlStore } from "../../src/store/sql/store.ts";
import { spreadingDriver } from "../support/spreading.ts";

export async function open(url: string): Promise<Store> {
  const store = sqlStore(spreadingDriver(url), CONFORMANCE_LIFETIMES);
  await store.migrate();
  return store;
}
