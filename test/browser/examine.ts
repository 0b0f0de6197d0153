/**
 * One page in all its states in Chromium, in light and dark, with and without script, from 320 px to a desktop, and enlarged
 * to 200 %: accessible as far as axe can tell, nothing too wide, cut, overlapping or too small to touch.
 */
import {
  accessibility,
  axe,
  bodyOf,
  first_run,
  layout,
  named,
  openWith,
  other_runs,
  type Run,
  states,
  type Tab,
} from "./walk.ts";

/** @returns what is wrong with the page */
export async function examine(tab: Tab, address: string): Promise<string[]> {
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
