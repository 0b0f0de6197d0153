/** A few line drawings, 20 by 20, in the colour of the text. They only repeat the words beside them. */
import { type Html, trusted } from "./html.ts";

const drawing = (paths: string): Html =>
  trusted(
    `<svg class="icon" viewBox="0 0 20 20" width="20" height="20" fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">${paths}</svg>`,
  );

/** Points on along a row; turned by the stylesheet where a row opens. */
const go = trusted(
  '<svg class="go" viewBox="0 0 20 20" width="16" height="16" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false"><path d="m7.5 4.5 5.5 5.5-5.5 5.5"/></svg>',
);

export const icons = {
  go,
  check: drawing('<path d="m4.5 10.5 3.5 3.5 7.5-8"/>'),
  warning: drawing('<path d="M10 3.2 18 17H2L10 3.2Z"/><path d="M10 8.2v4M10 14.5v.1"/>'),
  info: drawing('<circle cx="10" cy="10" r="7.6"/><path d="M10 9.2V14M10 6.2v.1"/>'),
  computer: drawing('<rect x="3" y="4" width="14" height="9" rx="1.4"/><path d="M7 16.5h6"/>'),
  plus: drawing('<path d="M10 4v12M4 10h12"/>'),
  phone: drawing('<rect x="5.5" y="2.5" width="9" height="15" rx="1.8"/><path d="M9 15h2"/>'),
  code: drawing('<path d="m7 5.500-4.500 4.500L7 14.500M13 5.500l4.500 4.500L13 14.500"/>'),
  shield: drawing(
    '<path d="M10 2.800 4 5v4.500c0 3.600 2.500 6.300 6 7.700 3.500-1.400 6-4.100 6-7.700V5l-6-2.200Z"/>',
  ),
  passkey: drawing(
    '<circle cx="7.5" cy="6.5" r="3.2"/><path d="M2.500 16.500c0-3.300 2.200-5 5-5 1 0 1.900.200 2.600.600"/><circle cx="14.700" cy="9.800" r="2.500"/><path d="M14.700 12.300v5l1.600-1.400M14.700 15"/>',
  ),
  lines: drawing('<path d="M7 5h10M7 10h10M7 15h10M3.200 5h.100M3.200 10h.100M3.200 15h.100"/>'),
  letter: drawing(
    '<rect x="2.500" y="4.500" width="15" height="11" rx="1.600"/><path d="m3 6 7 5 7-5"/>',
  ),
  apps: drawing(
    '<rect x="3" y="3" width="5.6" height="5.6" rx="1.4"/><rect x="11.4" y="3" width="5.6" height="5.6" rx="1.4"/><rect x="3" y="11.4" width="5.6" height="5.6" rx="1.4"/><rect x="11.4" y="11.4" width="5.6" height="5.6" rx="1.4"/>',
  ),
} as const;
export type Icon = keyof typeof icons;
