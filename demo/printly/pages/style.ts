/** Printly: warm paper, a serif with some ink on it, two colours from a small press. */
import { style_photos } from "./style_photos.ts";

/** Faint fibres, which make the background look like paper. */
const fibres =
  "url(\"data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='240' height='240'%3E%3Cfilter id='f'%3E%3CfeTurbulence type='fractalNoise' baseFrequency='.32 .55' numOctaves='4' stitchTiles='stitch'/%3E%3CfeColorMatrix values='0 0 0 0 .45 0 0 0 0 .35 0 0 0 0 .22 0 .4 0 0 -.15'/%3E%3C/filter%3E%3Crect width='240' height='240' filter='url(%23f)'/%3E%3C/svg%3E\")";

const base = `
:root {
  color-scheme: light dark;
  --ground: #f5eee1; --sheet: #fffaf0; --ink: #2a2320; --soft: #66574b; --line: #d9cbb4;
  --red: #b5371f; --on-red: #fffaf0; --teal: #1f666c; --gold: #e9a92f; --print: #fffdf8;
  --shadow: 62 42 20; --tint: #efe4d0;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #1b1714; --sheet: #272019; --ink: #f3e9da; --soft: #bcac9a; --line: #43372c;
    --red: #ff9370; --on-red: #2a110a; --teal: #83cbcd; --gold: #efb851; --print: #f1e9dc;
    --shadow: 0 0 0; --tint: #2e2620;
  }
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
body {
  margin: 0; min-height: 100vh; display: flex; flex-direction: column; color: var(--ink); background: var(--ground) ${fibres};
  font: 400 1.125rem/1.55 "Iowan Old Style", "Palatino Linotype", Palatino, "URW Palladio L", P052, Charter, Georgia, "Liberation Serif", "Noto Serif", serif;
  -webkit-text-size-adjust: 100%;
}
@media (prefers-color-scheme: dark) { body { background: var(--ground); } }
.head, main, .foot { width: 100%; max-width: 76rem; margin: 0 auto; padding: 0 clamp(1.1rem, 4.5vw, 3rem); }
main { flex: 1; }
a { color: var(--red); text-underline-offset: .2em; text-decoration-thickness: 1px; }
:focus-visible { outline: 3px solid var(--teal); outline-offset: 3px; border-radius: 3px; }
.head { display: flex; flex-wrap: wrap; align-items: center; gap: .25rem 1.75rem; padding-block: 1.1rem; }
.head .mark { display: inline-flex; align-items: center; gap: .55rem; margin-right: auto; padding: .4rem 0; color: var(--ink); text-decoration: none; font-weight: 700; font-size: 1.45rem; letter-spacing: -.015em; }
.head .mark svg { width: 2.1rem; height: 2.1rem; }
.head nav { display: flex; flex-wrap: wrap; gap: 0 1.4rem; }
.head nav a { padding: .6rem 0; color: var(--ink); text-decoration: none; font-size: 1.02rem; }
.head nav a:hover, .head nav a[aria-current] { text-decoration: underline; text-decoration-color: var(--red); text-decoration-thickness: 2px; }
.who { display: flex; align-items: center; gap: .75rem; font-size: 1.02rem; padding-left: 1.4rem; border-left: 1px solid var(--line); }
.who span { max-width: 18rem; overflow-wrap: anywhere; line-height: 1.25; }
h1, h2 { font-weight: 700; overflow-wrap: break-word; letter-spacing: -.02em; line-height: 1.08; text-wrap: balance; }
h1 { margin: 0 0 1rem; font-size: clamp(2.2rem, 5.6vw, 3.6rem); }
h2 { margin: 0 0 .4rem; font-size: 1.4rem; letter-spacing: -.01em; }
.lead { margin: 0 0 1.6rem; font-size: clamp(1.15rem, 1.9vw, 1.32rem); color: var(--soft); max-width: 32rem; text-wrap: pretty; }
button { font: inherit; cursor: pointer; }
.main { display: inline-block; min-height: 3rem; padding: .7rem 1.5rem; border: 0; border-radius: 4px; background: var(--red); color: var(--on-red); font-weight: 700; font-size: 1.12rem; line-height: 1.4; text-decoration: none; box-shadow: 3px 3px 0 rgb(var(--shadow) / .2); }
.main:hover { filter: brightness(1.07); }
.main:active { transform: translate(2px, 2px); box-shadow: 1px 1px 0 rgb(var(--shadow) / .2); }
.quiet { min-height: 2.75rem; padding: .4rem .9rem; border: 1px solid var(--line); border-radius: 4px; background: none; color: var(--ink); font-size: 1rem; }
.quiet:hover { border-color: var(--ink); }
.aside { margin: 1.1rem 0 0; color: var(--soft); font-size: 1.02rem; max-width: 28rem; }
.aside b { color: var(--ink); font-weight: 400; font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: .88em; }
code { font-family: ui-monospace, "SF Mono", SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: .88em; overflow-wrap: anywhere; }
.notice { margin: .5rem 0 1.5rem; padding: .9rem 1.2rem; background: var(--sheet); border: 1px solid var(--line); border-left: 5px solid var(--gold); border-radius: 3px; max-width: 50rem; }
.notice p { margin: 0; }
.plain { padding: clamp(2rem, 8vw, 5.5rem) 0; max-width: 40rem; }
.foot { margin-top: clamp(3rem, 8vw, 6rem); color: var(--soft); font-size: 1rem; }
.foot p { margin: 0; padding: 1.5rem 0 2.2rem; border-top: 1px solid var(--line); }

.hero { display: grid; gap: 2.5rem clamp(1.5rem, 4vw, 4rem); align-items: center; padding: clamp(1rem, 4vw, 3rem) 0 clamp(2.5rem, 6vw, 5rem); }
@media (min-width: 56rem) { .hero { grid-template-columns: minmax(0, 1fr) minmax(0, 1.1fr); } }
.hero h1 { font-size: clamp(2.6rem, 7.2vw, 4.9rem); line-height: 1; letter-spacing: -.03em; }
.table { position: relative; aspect-ratio: 10 / 9; max-width: 40rem; width: 100%; margin: 0 auto; }
.sheet { position: absolute; padding: 2.2%; background: var(--print); border-radius: 2px; box-shadow: 0 1px 2px rgb(var(--shadow) / .25), 0 14px 34px rgb(var(--shadow) / .22); }
.sheet img { display: block; width: 100%; height: auto; }
.sheet.p1 { width: 44%; left: 1%; top: 2%; transform: rotate(-5deg); }
.sheet.p2 { width: 58%; right: 0; top: 19%; transform: rotate(3.5deg); }
.sheet.p3 { width: 39%; left: 26%; bottom: 0; transform: rotate(-1.5deg); }
.steps { display: grid; gap: 1.75rem clamp(1.5rem, 4vw, 3.5rem); grid-template-columns: repeat(auto-fit, minmax(min(100%, 15rem), 1fr)); margin: 0; padding: 0; list-style: none; counter-reset: step; }
.steps li { padding-top: 1.1rem; border-top: 2px solid var(--ink); counter-increment: step; }
.steps h2::before { content: counter(step) ". "; color: var(--red); }
.steps p { margin: 0; color: var(--soft); max-width: 24rem; }
@media (prefers-reduced-motion: no-preference) {
  .sheet { animation: lay .7s cubic-bezier(.2, .8, .2, 1) backwards; }
  .sheet.p2 { animation-delay: .09s; }
  .sheet.p3 { animation-delay: .18s; }
  @keyframes lay { from { opacity: 0; transform: translateY(-18px) rotate(1deg); } }
}
@media (max-width: 40rem) {
  .who { padding-left: 0; border-left: 0; width: 100%; justify-content: space-between; }
  .main { width: 100%; text-align: center; }
  .actions a, .actions .main { margin-bottom: .5rem; }
}
`;

export const style = base + style_photos;

const inks = `<rect x="6" y="8" width="36" height="44" rx="2" fill="#e4553b" transform="rotate(-9 24 30)"/><rect x="24" y="11" width="34" height="42" rx="2" fill="#2f7f86" fill-opacity=".88" transform="rotate(7 41 32)"/><path d="M23 33a9 9 0 1 1 18 0 9 9 0 1 1-18 0" fill="#fff6e6"/><circle cx="32" cy="33" r="4" fill="#f2b53c"/>`;
const svg = (content: string): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">${content}</svg>`;

/** A sheet of paper between two inks, and where they meet. */
export const mark = svg(inks);

/** The mark as other sites show it: on paper of its own, since their pages may be dark. */
export const logo = svg(
  `<rect width="64" height="64" fill="#fdf6ea"/><g transform="translate(5 5) scale(.85)">${inks}</g>`,
);
