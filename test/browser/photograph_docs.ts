/** Takes the screenshots of the pages for README and docs: `node test/browser/photograph_docs.ts`. */
import { launchBrowser } from "./chromium.ts";
import { servePages } from "./page_server.ts";

const PICTURES = [
  { file: "consent", sample: "consent", viewport: { width: 1080, height: 760 } },
  { file: "sign-in", sample: "sign_in", viewport: { width: 640, height: 900 } },
  {
    file: "security",
    sample: "security_passkeys_and_codes",
    viewport: { width: 1080, height: 740 },
  },
  { file: "connected-apps", sample: "connected_apps", viewport: { width: 1080, height: 740 } },
];

const { origin, close } = await servePages();
const browser = await launchBrowser();
for (const { file, sample, viewport } of PICTURES)
  for (const colorScheme of ["light", "dark"] as const) {
    const page = await browser.newPage({ viewport, colorScheme, deviceScaleFactor: 2 });
    await page.goto(`${origin}/en/${sample}`, { waitUntil: "commit" });
    await page.locator("body > script").waitFor({ state: "attached" });
    // A row of the connected apps is shown open.
    const row = page.locator("main summary.row").first();
    if (await row.isVisible()) await row.click();
    // Without the ring of the focus.
    await page.evaluate("document.activeElement.blur()");
    const ending = colorScheme === "dark" ? "-dark" : "";
    await page.screenshot({ path: `docs/images/${file}${ending}.png` });
    await page.close();
  }
await browser.close();
await close();
