/** A line or shape that carries meaning, with its own colours and the one behind it. */
export interface Edge {
  readonly name: string;
  /** `#rrggbb`; one of them is enough to be seen. */
  readonly colours: readonly string[];
  readonly ground: string;
}

/**
 * The edges of fields, tick boxes and main buttons, the key with its cuts, and the ring of the focus: WCAG 2.2, 1.4.11
 * wants a contrast of 3 for each. axe examines text only. Runs in the browser.
 */
export function edgeColours(): Edge[] {
  const context = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("no canvas");
  const painted = (colour: string): readonly [hex: string, alpha: number] => {
    context.clearRect(0, 0, 1, 1);
    context.fillStyle = colour;
    context.fillRect(0, 0, 1, 1);
    const [r = 0, g = 0, b = 0, alpha = 0] = context.getImageData(0, 0, 1, 1).data;
    return [`#${[r, g, b].map((part) => part.toString(16).padStart(2, "0")).join("")}`, alpha];
  };
  const groundOf = (element: Element | null): string => {
    for (let each = element; each; each = each.parentElement) {
      const [hex, alpha] = painted(getComputedStyle(each).backgroundColor);
      if (alpha === 255) return hex;
    }
    throw new Error("the page has no ground");
  };
  const edges: Edge[] = [];
  const add = (selector: string, pseudo: string | null, ...parts: string[]) => {
    for (const element of document.querySelectorAll(selector)) {
      if (!element.checkVisibility() || element.matches(":disabled")) continue;
      const style = getComputedStyle(element, pseudo);
      const colours = parts.map((part) => painted(style.getPropertyValue(part))[0]);
      const ground = groundOf(pseudo ? element : element.parentElement);
      edges.push({ name: `${element.localName}${pseudo ?? ""} of ${selector}`, colours, ground });
    }
  };
  add("input:not([type=hidden], :checked), textarea", null, "border-top-color");
  add(":checked", null, "background-color", "border-top-color");
  add(".kinds label:has(:checked)", null, "border-top-color");
  add(".main", null, "background-color", "border-top-color");
  add(".key", "::before", "background-color");
  add(".key", "::after", "border-top-color");
  add(".key li", "::before", "background-color");
  add(".house svg, .cuts", null, "color");
  add("a[href], button, input:not([type=hidden]), textarea, summary", null, "--vk-link");
  return edges;
}
