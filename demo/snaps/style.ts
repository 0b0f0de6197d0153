/** Snaps: sky and air, round letters, pictures first. */
export const style = `
:root {
  color-scheme: light dark;
  --ground: #fbfdff; --panel: #eef5fb; --text: #14212e; --soft: #51667a; --line: #d8e4ee;
  --sky: #0b6fb8; --on-sky: #ffffff; --code: #e7f0f8; --sun: #ffb648;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #0b131b; --panel: #131e2a; --text: #e9f1f8; --soft: #9db2c5; --line: #243444;
    --sky: #6cbcf5; --on-sky: #06121d; --code: #182532; --sun: #ffc56e;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--ground); color: var(--text);
  font: 400 1.0625rem/1.6 ui-rounded, "SF Pro Rounded", "Avenir Next", Avenir, Nunito, "Segoe UI", system-ui, sans-serif;
  -webkit-text-size-adjust: 100%;
}
a { color: var(--sky); text-underline-offset: .2em; }
:focus-visible { outline: 3px solid var(--sky); outline-offset: 3px; border-radius: 6px; }
.bar, main, footer { max-width: 72rem; margin: 0 auto; padding: 0 clamp(1.25rem, 5vw, 3rem); }
.bar { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem 1.75rem; padding-block: 1.5rem; }
.bar .mark { display: inline-flex; align-items: center; gap: .6rem; margin-right: auto; color: var(--text); text-decoration: none; font-weight: 700; font-size: 1.3rem; letter-spacing: -.01em; }
.bar .mark svg { width: 2rem; height: 2rem; }
.bar nav { display: flex; flex-wrap: wrap; gap: 0 1.5rem; }
.bar nav a { padding: .6rem 0; text-decoration: none; font-size: 1rem; }
.bar nav a:hover { text-decoration: underline; }
.intro { padding: clamp(2rem, 6vw, 4.5rem) 0 clamp(2rem, 5vw, 3.5rem); max-width: 46rem; }
h1 { margin: 0 0 1rem; font-size: clamp(2.3rem, 6.4vw, 4.1rem); line-height: 1.06; letter-spacing: -.03em; font-weight: 700; text-wrap: balance; }
.intro p { margin: 0 0 1.5rem; font-size: clamp(1.1rem, 2vw, 1.3rem); color: var(--soft); max-width: 36rem; text-wrap: pretty; }
.button { display: inline-block; padding: .8rem 1.5rem; border-radius: 999px; background: var(--sky); color: var(--on-sky); text-decoration: none; font-weight: 600; }
.button:hover { filter: brightness(1.08); }
.wall { display: flex; flex-wrap: wrap; gap: clamp(.5rem, 1.2vw, .9rem); margin: 0; padding: 0; list-style: none; }
.wall li { margin: 0; }
.wall .wide { --ratio: 1.5; }
.wall .square { --ratio: 1; }
.wall .tall { --ratio: .6667; }
.wall li { flex: calc(var(--ratio) * 10) 1 calc(var(--ratio) * 10.5rem); }
.wall img { display: block; width: 100%; height: clamp(9rem, 21vw, 15rem); object-fit: cover; border-radius: 14px; background: var(--panel); }
h2 { margin: 0 0 .75rem; font-size: 1.6rem; line-height: 1.2; letter-spacing: -.015em; text-wrap: balance; }
section { padding-block: clamp(3rem, 7vw, 5rem) 0; }
.pair { display: grid; gap: 2.5rem clamp(2rem, 6vw, 5rem); grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr)); }
.pair p { margin: 0 0 1rem; color: var(--soft); max-width: 34rem; }
.checks { margin: 0; padding: 0; list-style: none; counter-reset: check; }
.checks li { position: relative; padding: .6rem 0 .6rem 2.6rem; border-top: 1px solid var(--line); color: var(--soft); }
.checks li:first-child { border-top: 0; }
.checks b { color: var(--text); font-weight: 600; }
.checks li::before { counter-increment: check; content: counter(check); position: absolute; left: 0; top: .7rem; width: 1.6rem; height: 1.6rem; border-radius: 50%; background: var(--panel); color: var(--sky); font-size: .85rem; line-height: 1.6rem; text-align: center; font-weight: 700; }
.api { width: 100%; border-collapse: collapse; font-size: 1rem; }
.api caption { text-align: left; color: var(--soft); padding-bottom: .75rem; }
.api th, .api td { text-align: left; padding: .7rem 1rem .7rem 0; border-top: 1px solid var(--line); vertical-align: top; font-weight: 400; }
.api td { color: var(--soft); }
code, pre { font-family: ui-monospace, "SF Mono", SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: .9em; }
code { overflow-wrap: anywhere; }
pre { margin: 1.25rem 0 0; padding: 1.1rem 1.25rem; background: var(--code); border-radius: 14px; overflow-x: auto; line-height: 1.55; white-space: pre-wrap; overflow-wrap: anywhere; }
footer { margin-top: clamp(3rem, 8vw, 6rem); color: var(--soft); font-size: .95rem; }
footer p { margin: 0; padding: 1.75rem 0 2.5rem; border-top: 1px solid var(--line); }
@media (max-width: 34rem) {
  .api tr { display: block; padding: .8rem 0; border-top: 1px solid var(--line); }
  .api th, .api td { display: block; border: 0; padding: 0 0 .15rem; }
  .api thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
}
@media (prefers-reduced-motion: no-preference) {
  .wall img { transition: transform .5s cubic-bezier(.2, .7, .2, 1); }
  .wall li:hover img { transform: scale(1.015); }
}
@media print { .bar nav, .button { display: none; } }
`;

/** Three panes of light that overlap, as in an aperture. */
export const mark = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><circle cx="25" cy="24" r="19" fill="#1f8fe0"/><circle cx="41" cy="30" r="19" fill="#ffb648" fill-opacity=".9"/><circle cx="29" cy="43" r="17" fill="#34c3a5" fill-opacity=".85"/><circle cx="32" cy="32" r="7.5" fill="#fff"/></svg>`;
