/** The album that one chooses from, the prints, and the receipt. */
const tick =
  "url(\"data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 20 20'%3E%3Cpath d='M4 10.5 8.2 15 16 5.5' fill='none' stroke='%23fffdf8' stroke-width='3' stroke-linecap='round' stroke-linejoin='round'/%3E%3C/svg%3E\")";

export const style_photos = `
.choose { counter-reset: chosen; }
.choose h1 { margin-top: .5rem; }
.contact { display: flex; flex-wrap: wrap; gap: 1.5rem 1.25rem; margin: 0; padding: 0; list-style: none; }
.contact li { min-width: 0; }
.contact { --h: 10rem; --edge: 1.1rem; }
.contact .wide { --ratio: 1.5; }
.contact .square { --ratio: 1; }
.contact .tall { --ratio: .6667; }
.contact li { flex: calc(var(--ratio) * 10) 1 calc(var(--ratio) * var(--h) + var(--edge)); max-width: calc(var(--ratio) * var(--h) * 1.9 + var(--edge)); }
.contact::after { content: ""; flex: 10 0 0; }
.contact label { position: relative; display: block; cursor: pointer; }
.contact .paper { display: block; padding: .55rem; background: var(--print); border-radius: 2px; box-shadow: 0 1px 2px rgb(var(--shadow) / .28), 0 5px 14px rgb(var(--shadow) / .13); }
.contact img { display: block; width: 100%; height: auto; background: var(--tint); }
.contact input { position: absolute; z-index: 1; left: 1rem; top: 1rem; width: 1.75rem; height: 1.75rem; margin: 0; accent-color: #b5371f; }
/* A photo may be dark, light or in between, in both colour schemes: a light and a dark colour together show on all. */
@media (forced-colors: none) {
  .contact input { appearance: none; border: 2px solid #2a2320; border-radius: 5px; background: #fffdf8 center / 1.3rem no-repeat; box-shadow: 0 0 0 2px #fffdf8; cursor: pointer; }
  .contact input:checked { border-color: #fffdf8; background-color: #b5371f; background-image: ${tick}; box-shadow: 0 0 0 2px #2a2320; }
}
.contact input { counter-increment: none; }
.contact input:checked { counter-increment: chosen; }
.contact input:checked + .paper { outline: 4px solid var(--red); outline-offset: 2px; }
.contact input:focus-visible { outline-offset: 2px; outline-color: #fff; }
.contact label:has(input:focus-visible) .paper { outline: 4px solid var(--teal); outline-offset: 2px; }
.caption { display: block; padding: .55rem .15rem 0; line-height: 1.3; }
.caption b { display: block; font-weight: 400; font-size: 1.05rem; }
.caption small { color: var(--soft); font-size: .95rem; }
.counter fieldset { margin: 0 0 1.4rem; padding: 0; border: 0; }
.counter legend { padding: 0 0 .35rem; font-weight: 700; font-size: 1.15rem; }
.option { display: flex; align-items: baseline; gap: .7rem; padding: .55rem 0; border-top: 1px solid var(--line); cursor: pointer; min-height: 2.75rem; line-height: 1.35; }
.option input { flex: none; width: 1.15rem; height: 1.15rem; margin: 0; accent-color: #b5371f; transform: translateY(.15rem); }
.option small { display: block; color: var(--soft); font-size: .95rem; }
.go { margin: 0; }
.count::after { content: " (" counter(chosen) ")"; font-variant-numeric: tabular-nums; }
.choose:not(:has(.contact input:checked)) .count::after { content: ""; }
@media (min-width: 60rem) {
  .choose { display: grid; grid-template-columns: minmax(0, 1fr) 17.5rem; gap: 3rem; align-items: start; }
  .counter { position: sticky; top: 1.5rem; margin-top: 4rem; padding: 1.4rem 1.5rem 1.6rem; background: var(--sheet); border: 1px solid var(--line); border-radius: 4px; }
  .counter .main { width: 100%; text-align: center; }
}
@media (max-width: 59.99rem) {
  .counter { display: contents; }
  .counter fieldset { margin-top: 2rem; }
  .go { position: sticky; bottom: 0; z-index: 2; margin: 1.5rem calc(-1 * clamp(1.1rem, 4.5vw, 3rem)) 0; padding: .8rem clamp(1.1rem, 4.5vw, 3rem); background: var(--ground); border-top: 1px solid var(--line); }
  .contact { gap: 1.1rem .9rem; }
  .contact { --h: 9.5rem; }
}
.prints-head { padding-top: .5rem; }
.actions { display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; align-items: center; margin: 0 0 2rem; }
.result { display: grid; gap: 3rem; align-items: start; }
@media (min-width: 60rem) { .result { grid-template-columns: minmax(0, 1fr) 19rem; } }
.sheets { --u: min(1.5rem, calc((100vw - 2.6rem) / 19)); display: flex; flex-wrap: wrap; gap: 2rem 1.75rem; align-items: flex-start; margin: 0; padding: 0; list-style: none; }
.sheets figure { margin: 0; }
.size-10x15 { --long: 15; --short: 10; }
.size-13x18 { --long: 18; --short: 13; }
.size-18x18 { --long: 18; --short: 18; }
.sheets .paper { display: block; position: relative; width: calc(var(--short) * var(--u)); height: calc(var(--short) * var(--u)); padding: calc(var(--edge) * var(--u)); background: var(--stock); box-shadow: 0 1px 2px rgb(var(--shadow) / .3), 0 10px 26px rgb(var(--shadow) / .18); }
.sheets .wide .paper { width: calc(var(--long) * var(--u)); }
.sheets .tall .paper { height: calc(var(--long) * var(--u)); }
.sheets img { display: block; width: 100%; height: 100%; object-fit: cover; }
.paper-cotton { --edge: .6; --stock: #fffdf8; }
.paper-silk { --edge: 0; --stock: #ffffff; }
.paper-baryta { --edge: 1.4; --stock: #f4ead6; }
.paper-silk .paper::after { content: ""; position: absolute; inset: 0; background: linear-gradient(115deg, rgb(255 255 255 / .16) 0 22%, transparent 40% 70%, rgb(255 255 255 / .09)); }
figcaption { padding-top: .6rem; color: var(--soft); font-size: 1rem; }
.receipt { --tooth: conic-gradient(from -45deg at bottom, #0000, #000 1deg 89deg, #0000 90deg) 50% / 14px 100%; padding: 1.6rem 1.4rem 2.1rem; color: #2a2320; background: #fffdf8; mask: var(--tooth); font: 400 .95rem/1.5 ui-monospace, "SF Mono", SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
.receipt h2 { margin: 0; font-family: "Iowan Old Style", "Palatino Linotype", Palatino, "URW Palladio L", P052, Charter, Georgia, "Liberation Serif", serif; text-align: center; }
.receipt > p:first-of-type { margin: 0 0 1rem; text-align: center; color: #66574b; }
.receipt dl { margin: 0; padding: .7rem 0; border-top: 1px dashed #b9a88e; }
.receipt dl div { display: flex; justify-content: space-between; gap: 1.25rem; }
.receipt dd { margin: 0; text-align: right; }
.receipt .sum div:last-child { font-weight: 700; margin-top: .35rem; }
.receipt .noted { margin: 0; padding-top: .9rem; border-top: 1px dashed #b9a88e; font-size: .88rem; color: #4d4138; }
.receipt .noted p { margin: 0 0 .75rem; }
.receipt .main { width: 100%; font-size: .95rem; background: #b5371f; color: #fffaf0; text-align: center; }
.receipt :focus-visible { outline-color: #1f666c; }
@media print {
  @page { margin: 12mm; }
  body { display: block; background: #fff; color: #000; font-size: 10pt; }
  .head, .foot, .prints-head, .receipt { display: none; }
  main { max-width: none; padding: 0; }
  .result { display: block; }
  .sheets { --u: 1cm; display: block; }
  .sheets li { display: inline-block; vertical-align: top; margin: 0 5mm 6mm 0; break-inside: avoid; }
  .sheets .paper { box-shadow: none; outline: .2mm solid #ddd; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  figcaption { color: #555; padding-top: 1mm; }
}
`;
