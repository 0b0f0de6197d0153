/**
 * Every page and state in Chromium, in light and dark, with and without script, from 320 px to a desktop, and enlarged
 * to 200 %: accessible as far as axe can tell, nothing too wide, cut, overlapping or too small to touch.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  accessibility,
  axe,
  bodyOf,
  first_run,
  layout,
  named,
  names,
  openWith,
  other_runs,
  type Run,
  states,
  type Tab,
  walk,
} from "./walk.ts";

async function examine(tab: Tab, address: string): Promise<string[]> {
  const { page } = tab;
  const axeIn = (runs: readonly Run[]) => async () => accessibility(tab, runs);
  const see = (runs: readonly Run[]) => async () => [
    ...(await layout(tab)),
    ...(await accessibility(tab, runs)),
  ];
  const all = [first_run, ...other_runs];
  await openWith(tab, address, false);
  await page.evaluate(axe);
  // The page that submits itself stays only without script.
  if (address.endsWith("/form_post")) return states(tab, "plain", see(all));
  const plain = await bodyOf(page);
  const found = named("without script", await states(tab, "plain", see([first_run])));

  await openWith(tab, address, true);
  await page.evaluate(axe);
  // Where the script has changed nothing, the layout is the same.
  const changed = (await bodyOf(page)) !== plain;
  found.push(
    ...(await states(tab, changed ? "changed" : "same", changed ? see(all) : axeIn(other_runs))),
  );
  return found;
}

test("every page and state is accessible and whole at every size, in both schemes, with and without script", async () => {
  const addresses = names.map((name) => `en/${name}`);
  assert.deepEqual(await walk(addresses, examine), []);
});
