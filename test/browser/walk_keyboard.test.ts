/** Every page by keyboard alone. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { desktop, openWith, phone, ROWS, resize, staying, unfold, walk } from "./walk.ts";

/** What the focus was like when Tab was pressed to leave a control. */
interface Focus {
  readonly order: number;
  readonly flaw: string | null;
}
declare global {
  interface Window {
    /** Filled by `watchFocus`. */
    visited: Focus[];
    look(): void;
  }
}

/** Numbers the controls in the order of the page, and watches the focus. Runs in the browser. @returns the tab stops */
function watchFocus(): number[] {
  if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
  const controls = "a[href], button, input:not([type=hidden]), textarea, summary, [tabindex='0']";
  const reachable = [...document.querySelectorAll(controls)].filter(
    (control) => control.checkVisibility() && !control.matches(":disabled"),
  );
  for (const [i, control] of reachable.entries()) control.setAttribute("data-order", `${i}`);
  // Tab begins here, whatever had the focus.
  document.body.tabIndex = -1;
  document.body.focus();
  scrollTo(0, 0);
  window.visited = [];
  window.look = () => {
    const element = document.activeElement ?? document.body;
    const { outlineStyle, outlineWidth, outlineOffset } = getComputedStyle(element);
    const thickness = Number.parseFloat(outlineWidth);
    const ring = Math.max(0, thickness + Number.parseFloat(outlineOffset));
    const box = element.getBoundingClientRect();
    const bar = document.querySelector(".answer");
    // A bar that sticks to the edge covers what lies behind it (WCAG 2.2, 2.4.11 and 2.4.12).
    const edge = bar?.getBoundingClientRect();
    const covers =
      bar && edge && !bar.contains(element) && box.right > edge.left && box.left < edge.right;
    const sticks = covers && box.top < edge.bottom && getComputedStyle(bar).position === "sticky";
    const rest = sticks ? edge.top : innerHeight;
    const fits = box.height + 2 * ring <= rest;
    let flaw: string | null = null;
    if (outlineStyle === "none" || thickness < 2) flaw = "has no visible focus";
    else if (fits && box.top - ring < 0)
      flaw = `begins ${Math.round(ring - box.top)} px above the window`;
    else if (fits ? box.bottom + ring > rest : box.top > rest)
      flaw = `is hidden by ${Math.round(box.bottom + ring - rest)} px`;
    const order = Number(element.getAttribute("data-order") ?? -1);
    window.visited.push({ order, flaw: flaw && `${element.outerHTML.slice(0, 80)} ${flaw}` });
  };
  // The focus of the key before has settled, and the page has scrolled.
  addEventListener("keydown", () => {
    if (document.activeElement !== document.body) window.look();
  });
  // In a group of radio buttons, only the chosen one is a tab stop.
  return reachable
    .filter((control) => !control.matches("[type=radio]:not(:checked)"))
    .map((control) => Number(control.getAttribute("data-order")));
}

test("the keyboard reaches every control in page order, with visible focus", async () => {
  const addresses = staying.map((name) => `en/${name}`);
  const found = await walk(addresses, async (tab, address) => {
    const { page } = tab;
    const found: string[] = [];
    await openWith(tab, address, true);
    await unfold(page, ROWS, true);
    const sticks = (await page.locator(".answer").count()) > 0;
    for (const size of sticks ? [phone, desktop] : [phone]) {
      await resize(tab, size);
      const expected = await page.evaluate(watchFocus);
      for (const _ of expected) await page.keyboard.press("Tab");
      await page.evaluate(() => window.look());
      const visited = await page.evaluate(() => window.visited);
      const order = visited.map((each) => each.order);
      if (order.join() !== expected.join()) found.push(`${order} instead of ${expected}`);
      for (const { flaw } of visited) if (flaw) found.push(`${size.width} px: ${flaw}`);
      if (sticks) await openWith(tab, address, true);
    }
    return found;
  });
  assert.deepEqual(found, []);
});
