/** The second half of all pages and states: accessible and whole, as `examine` says. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { examine } from "./examine.ts";
import { names, walk } from "./walk.ts";

test("every page and state is accessible and whole at every size, in both schemes, with and without script: second half", async () => {
  const addresses = names.slice(names.length / 2).map((name) => `en/${name}`);
  assert.deepEqual(await walk(addresses, examine), []);
});
