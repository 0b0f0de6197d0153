/**
 * Takes a screenshot of every page: `node test/browser/photograph.ts OUTDIR [PART-OF-A-NAME] [LOOK]`
 * writes NAME.LOOK.WIDTH.SCHEME.png.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { launchBrowser } from "./chromium.ts";
import { samples } from "./page_samples.ts";
import { servePages } from "./page_server.ts";

const [directory, part = "", view = "en"] = process.argv.slice(2);
if (directory === undefined) throw new Error("usage: photograph.ts OUTDIR [PART-OF-A-NAME] [LOOK]");
await mkdir(directory, { recursive: true });
const { origin, close } = await servePages();
const browser = await launchBrowser();

for (const width of [360, 768, 1280])
  for (const colorScheme of ["light", "dark"] as const) {
    const viewport = { width, height: width < 500 ? 740 : 800 };
    const context = await browser.newContext({ viewport, colorScheme });
    const page = await context.newPage();
    // The self-submitting form gets no new page as a response, so that it stays in the picture.
    await page.route("https://printly.example/**", (route) => route.fulfill({ status: 204 }));
    for (const name of Object.keys(samples).filter((name) => name.includes(part))) {
      await page.goto(`${origin}/${view}/${name}`, { waitUntil: "commit" });
      await page.waitForSelector("body > script", { state: "attached" });
      const path = join(directory, `${name}.${view}.${width}.${colorScheme}.png`);
      await page.screenshot({ path, fullPage: true });
    }
    await context.close();
  }
await browser.close();
await close();
