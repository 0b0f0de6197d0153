/** Every page in other languages, right to left, and with any accent. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { edgeColours } from "./edge_colours.ts";
import { contrastOf } from "./pixels.ts";
import { accents, looks } from "./sample_views.ts";
import {
  accessibility,
  axe,
  CONTRAST,
  desktop,
  first_run,
  layout,
  openWith,
  phone,
  ROWS,
  type Run,
  states,
  staying,
  type Tab,
  unfold,
  walk,
} from "./walk.ts";

const schemes = ["light", "dark"] as const;

test("every page and state is whole in another language and right to left", async () => {
  const some = [desktop, { width: 320, height: 568 }];
  const addresses = staying.flatMap((name) => [`de/${name}`, `rtl/${name}`]);
  const found = await walk(addresses, async (tab, address) => {
    await openWith(tab, address, true);
    return states(tab, address.slice(0, 2), () => layout(tab, some));
  });
  assert.deepEqual(found, []);
});

test("axe finds nothing in another language, right to left, and with an operator's colours", async () => {
  const some = staying.filter((name) => /^(consent|sign_in|your_apps|security)$/.test(name));
  const addresses = Object.keys(looks).flatMap((look) => some.map((name) => `${look}/${name}`));
  const runs = [first_run, { size: phone, scheme: "dark" }] as const;
  assert.deepEqual(await walk(addresses, (tab, address) => contrasts(tab, address, runs)), []);
});

test("contrast holds with any accent, light and dark", async () => {
  // Between them they have everything that the accent colours.
  const some = [
    "sign_in_wrong",
    "consent_seven",
    "connected_apps",
    "security",
    "register_app_errors",
  ];
  const addresses = Object.keys(accents).flatMap((look) => some.map((name) => `${look}/${name}`));
  const found = await walk(addresses, async (tab, address) => {
    const found: string[] = [];
    for (const scheme of schemes) {
      const runs = [{ size: desktop, scheme, rules: CONTRAST }];
      found.push(...(await contrasts(tab, address, runs)));
      const edges = await tab.page.evaluate(edgeColours);
      assert.ok(edges.length > 0);
      for (const { name, colours, ground } of edges)
        if (!colours.some((colour) => contrastOf(colour, ground) >= 3))
          found.push(`${scheme}: ${name} is ${colours} on ${ground}`);
    }
    return [...new Set(found)];
  });
  assert.deepEqual(found, []);
});

async function contrasts(tab: Tab, address: string, runs: readonly Run[]): Promise<string[]> {
  await openWith(tab, address, true);
  await unfold(tab.page, ROWS, true);
  await tab.page.evaluate(axe);
  return accessibility(tab, runs);
}
