/**
 * Photographs every page, to be looked at: `node test/browser/photograph.ts OUTDIR [PART-OF-A-NAME] [LANGUAGE]`
 * writes NAME.LANGUAGE.WIDTH.SCHEME.png.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { renderDocument } from "../../src/pages/document.ts";
import { launchBrowser } from "./chromium.ts";
import { looks, samples } from "./page_samples.ts";

const [directory, part = "", wanted = "en"] = process.argv.slice(2);
if (directory === undefined)
  throw new Error("usage: photograph.ts OUTDIR [PART-OF-A-NAME] [LANGUAGE]");
await mkdir(directory, { recursive: true });
const browser = await launchBrowser();

for (const [look_name, look] of Object.entries(looks)) {
  if (look_name !== wanted) continue;
  for (const width of [360, 1280])
    for (const colorScheme of ["light", "dark"] as const) {
      const viewport = { width, height: width < 500 ? 740 : 800 };
      const context = await browser.newContext({ viewport, colorScheme });
      const page = await context.newPage();
      await page.route("**/*", (route) => route.abort());
      for (const [name, draw] of Object.entries(samples)) {
        if (!name.includes(part)) continue;
        await page.setContent(
          renderDocument(draw(look), look).html.replace("data-auto-submit", ""),
        );
        const path = join(directory, `${name}.${look_name}.${width}.${colorScheme}.png`);
        await page.screenshot({ path, fullPage: true });
      }
      await context.close();
    }
}
await browser.close();
