/**
 * What is wrong with the layout of a page at its present size: wider than the window, cut, overlapping, too small to
 * touch, out of reading order. Runs in the browser, so that it refers to nothing outside of itself.
 */
export function layoutFlaws(): string[] {
  interface Thing {
    element: Element;
    name: string;
    box: DOMRect;
  }
  const SHOWN = { visibilityProperty: true, opacityProperty: true };
  /** Meant for screen readers, or seen only with the focus. */
  const UNSEEN = ".see-not, .skip:not(:focus)";
  const CONTROLS = "a[href], button, input:not([type=hidden]), textarea, select, summary";
  /** Words that belong to one of these stay inside of it. */
  const FRAMES = "button, .button, summary, .tag, .tile, .face, .note, .card, .person, pre, .sheet";
  const LARGE = 44;
  const SMALL = 24;
  const found: string[] = [];
  const root = document.documentElement;
  const width = root.clientWidth;
  // At the end of the page, a part that sticks to the window's edge is where it belongs and covers nothing.
  scrollTo(0, root.scrollHeight);
  // An open menu lies above the page, so that only its own parts are compared.
  const menu = document.querySelector(".menu[open]");
  const scope = menu ?? document.body;

  const isSeen = (element: Element) =>
    element.checkVisibility(SHOWN) && element.closest(UNSEEN) === null;
  const shorten = (text: string) => text.replaceAll(/\s+/g, " ").trim().slice(0, 50);
  const nameOf = (element: Element) => {
    const words = shorten(element.textContent) || element.getAttribute("name") || "";
    return `<${element.localName} ${element.getAttribute("class") ?? ""}> “${words}”`;
  };
  const controls = [...scope.querySelectorAll(CONTROLS)].filter(isSeen).map((element) => {
    const ticked = element.matches("[type=checkbox], [type=radio]");
    const target = (ticked && element.closest("label")) || element;
    return { element, name: nameOf(element), box: target.getBoundingClientRect() };
  });
  const isInline = ({ element }: Thing) =>
    element.localName === "a" && getComputedStyle(element).display === "inline";
  const lines: (Thing & { node: Node })[] = [];
  const walker = document.createTreeWalker(scope, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!element || !node.textContent?.trim() || !isSeen(element)) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    // Only these may have an ellipsis: the name in the menu's button, which the open menu has in full, and the middle of
    // a long name or login.
    const may_end = ".menu > summary > *, .ends > :first-child, pre[tabindex='0']";
    const rest = element.closest(may_end)?.getBoundingClientRect();
    const rects = [...range.getClientRects()].filter(({ width }) => width > 2);
    // A column that is too narrow breaks words. Addresses may break anywhere, and a long word in the middle.
    const words = node.textContent.trim().split(/\s+/);
    const needed = words.reduce((sum, word) => sum + Math.ceil(word.length / 6), 0);
    const count = new Set(rects.map(({ y }) => Math.round(y))).size;
    if (count > needed && !element.closest(".any, .words small, pre"))
      found.push(`“${shorten(node.textContent)}” is squeezed into ${count} lines`);
    for (const { x, y, width, height } of rects) {
      // The box of a line is higher than its letters.
      const left = Math.max(x, rest?.left ?? x) + 1;
      const right = Math.min(x + width, rest?.right ?? x + width) - 1;
      const box = new DOMRect(left, y + height * 0.15, right - left, height * 0.7);
      lines.push({ element, node, box, name: `“${shorten(node.textContent)}”` });
    }
  }
  const inside = (box: DOMRect, frame: DOMRect) =>
    box.left >= frame.left - 1 &&
    box.right <= frame.right + 1 &&
    box.top >= frame.top - 1 &&
    box.bottom <= frame.bottom + 1;
  const meet = (a: DOMRect, b: DOMRect) =>
    Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 &&
    Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1;

  if (root.scrollWidth > width) found.push(`the page is ${root.scrollWidth - width} px too wide`);
  const pictures = [...scope.querySelectorAll("svg, img, .tile, .face")]
    .filter(isSeen)
    .map((element) => ({ element, name: nameOf(element), box: element.getBoundingClientRect() }));
  // The words of a link in a sentence are among the lines.
  const solid = controls.filter((each) => !isInline(each));
  for (const { name, box } of [...lines, ...solid, ...pictures])
    if (box.left < -1 || box.right > width + 1) found.push(`beyond the window: ${name}`);

  const clips = new Map<Element, boolean>();
  const doesClip = (element: Element) => {
    const known = clips.get(element);
    if (known !== undefined) return known;
    const { overflowX, overflowY } = getComputedStyle(element);
    // The keyboard can scroll what it can reach.
    const scrolls = element.matches("[tabindex='0']");
    const clip = !scrolls && (overflowX !== "visible" || overflowY !== "visible");
    clips.set(element, clip);
    return clip;
  };
  for (const { element, name, box } of lines) {
    const frame = element.closest(FRAMES);
    if (frame && !inside(box, frame.getBoundingClientRect()))
      found.push(`${name} leaves ${nameOf(frame)}`);
    for (let up: Element | null = element; up && up !== document.body; up = up.parentElement)
      if (doesClip(up) && !inside(box, up.getBoundingClientRect()))
        found.push(`${name} is cut by ${nameOf(up)}`);
  }
  // A code is compared with the one on another screen, so that it has to be seen in one piece.
  for (const field of scope.querySelectorAll<HTMLInputElement>("input.code"))
    if (field.scrollWidth > field.clientWidth + 1) found.push(`the code “${field.value}” is cut`);

  const things: (Thing & { node?: Node })[] = [
    ...lines,
    ...solid.map((each) => ({ ...each, box: each.element.getBoundingClientRect() })),
    ...pictures,
  ].sort((a, b) => a.box.top - b.box.top);
  for (const [i, a] of things.entries())
    for (const b of things.slice(i + 1)) {
      if (b.box.top >= a.box.bottom) break;
      if (!meet(a.box, b.box) || (a.node && a.node === b.node)) continue;
      // The button of a password lies on the space that its field keeps free: see below.
      if (a.element.closest(".secret") && b.element.closest(".secret")) continue;
      if (a.element !== b.element || (a.node && b.node))
        if (!contains(a, b) && !contains(b, a)) found.push(`${a.name} overlaps ${b.name}`);
    }
  function contains(outer: Thing & { node?: Node }, inner: Thing): boolean {
    return outer.node === undefined && outer.element.contains(inner.element);
  }
  for (const secret of scope.querySelectorAll(".secret:has(button)")) {
    const [field, button] = [secret.querySelector("input"), secret.querySelector("button")];
    if (!field || !button || !isSeen(field)) continue;
    const free = Number.parseFloat(getComputedStyle(field).paddingInlineEnd);
    const taken = button.getBoundingClientRect().width;
    if (taken > free) found.push(`${nameOf(button)} covers ${taken - free} px of the password`);
  }

  const targets = controls.map((each) => ({ ...each, inline: isInline(each) }));
  for (const { name, box, inline } of targets)
    if (!inline && (box.height < LARGE - 0.01 || box.width < LARGE - 0.01))
      found.push(`only ${box.width} × ${box.height} px: ${name}`);
  // WCAG 2.2, 2.5.8: a circle of 24 px around a small target meets no other target and no circle of one.
  for (const [i, a] of targets.entries())
    for (const b of targets.slice(i + 1)) {
      if (!a.inline && !b.inline) continue;
      if (a.element.contains(b.element) || b.element.contains(a.element)) continue;
      const near = rectsOf(a).some((one) => rectsOf(b).some((other) => meet(one, other)));
      if (near) found.push(`less than ${SMALL} px for ${a.name} and ${b.name}`);
    }
  function rectsOf({ element, box, inline }: Thing & { inline: boolean }): DOMRect[] {
    if (!inline) return [box];
    return [...element.getClientRects()].map(({ x, y, width, height }) => {
      const more = Math.max(0, SMALL - height);
      return new DOMRect(x, y - more / 2, width, height + more);
    });
  }

  const from_right = root.dir === "rtl";
  for (const [i, next] of controls.entries()) {
    const last = controls[i - 1];
    if (!last || next.element.closest(".secret")) continue;
    const above = next.box.bottom <= last.box.top + 1;
    const after = from_right
      ? next.box.right <= last.box.left + 1
      : next.box.left >= last.box.right - 1;
    if (above && !after) found.push(`${next.name} is read before ${last.name}, but comes after it`);
  }
  return [...new Set(found)];
}
