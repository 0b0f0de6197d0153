/** The walkthrough: a plan on Printly's paper, one ink for each of the three. */
export const style_walkthrough = `
:root { --printly: #b5371f; --server: #5a4696; --snaps: #0a67ab; --good: #2b6a45; --bad: #b5371f; }
@media (prefers-color-scheme: dark) { :root { --printly: #ff9370; --server: #b9a6f5; --snaps: #77c0f5; --good: #85cfa1; --bad: #ff9370; } }
body.walkthrough { background: var(--ground); }
.walk-head { padding-top: .5rem; }
.walk-head h1 { max-width: 20ch; }
#terminal { margin-top: 3.5rem; }
#terminal h2 { margin-bottom: .75rem; font-size: clamp(1.7rem, 4vw, 2.4rem); }
.walk-head .lead { max-width: 40rem; }
.printly, .tool { --party: var(--printly); } .server { --party: var(--server); } .snaps { --party: var(--snaps); }
.empty { padding: 2rem; border: 1px dashed var(--line); border-radius: 4px; background: var(--sheet); max-width: 40rem; }
.empty p { margin: 0 0 1.25rem; }
.empty p:last-child { margin: 0; }
.diagram section { scroll-margin-top: 4rem; }
.diagram h2, .diagram section > h3 { margin: 2.25rem 0 .25rem; font-size: 1.25rem; }
.steps-told { margin: 0; padding: 0; list-style: none; }
details { border-top: 1px solid var(--line); }
.steps-told > li:last-child details { border-bottom: 1px solid var(--line); }
summary { position: relative; cursor: pointer; list-style: none; min-height: 2.75rem; }
summary::-webkit-details-marker { display: none; }
summary:hover { background: var(--tint); }
.title { display: flex; gap: .7rem; align-items: baseline; padding: .85rem 0; line-height: 1.3; }
.turn { flex: none; width: .55rem; height: .55rem; border: solid var(--soft); border-width: 0 2px 2px 0; transform: translateY(-.05rem) rotate(-45deg); }
details[open] > summary .turn { transform: translateY(-.2rem) rotate(45deg); }
summary:hover .turn { border-color: var(--red); }
.number { flex: none; min-width: 1.5rem; color: var(--soft); font-variant-numeric: tabular-nums; }
.what { text-decoration: underline dotted transparent; text-underline-offset: .25em; }
summary:hover .what { text-decoration-color: currentColor; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.ask code, .back code { font-size: .78rem; }
.times, .ms, .via { color: var(--soft); font-size: .9rem; }
.back.good code { color: var(--good); } .back.bad code { color: var(--bad); font-weight: 700; }
.legend { display: flex; flex-wrap: wrap; gap: .35rem 2rem; margin: 1.25rem 0 0; color: var(--soft); font-size: 1rem; }
.legend i { display: inline-block; width: 2.6rem; margin-right: .7rem; border-top: 2px solid var(--ink); vertical-align: .3em; }
.legend .dashed { border-top-style: dashed; }
.interlude p { margin: 0; color: var(--server); font-style: italic; line-height: 1.35; }
.next { margin-top: 2.5rem; display: grid; gap: .9rem; justify-items: start; }
.next h2, .next p { margin: 0; }
.next p { color: var(--soft); max-width: 40rem; }

.opened { padding: .25rem 0 1.75rem; }
.why { margin: .25rem 0 1.1rem; max-width: 44rem; color: var(--soft); text-wrap: pretty; }
.exchange { display: grid; gap: 1.25rem; align-items: start; }
@media (min-width: 60rem) { .exchange { grid-template-columns: repeat(auto-fit, minmax(24rem, 1fr)); } }
.side, .token { min-width: 0; padding: 1.1rem 1.25rem 1.25rem; background: var(--sheet); border: 1px solid var(--line); border-radius: 4px; }
.token { margin-top: 1.25rem; border-left: 5px solid var(--gold); }
.opened h3 { margin: 0 0 .5rem; font-size: 1.08rem; }
.line { margin: 0 0 .6rem; overflow-wrap: anywhere; line-height: 1.4; }
.none { margin: 0; color: var(--soft); }
.opened dl { margin: 0; }
.headers { padding-bottom: .5rem; }
.headers div { display: flex; flex-wrap: wrap; gap: 0 .6rem; line-height: 1.5; }
.headers dt { color: var(--soft); } .headers dt::after { content: ":"; }
.headers dd { margin: 0; min-width: 0; overflow-wrap: anywhere; }
.fields div { display: grid; grid-template-columns: minmax(8.5rem, 13rem) minmax(0, 1fr); gap: 0 1rem; padding: .45rem 0; border-top: 1px solid var(--line); }
.fields dd { margin: 0; min-width: 0; line-height: 1.4; overflow-wrap: anywhere; }
.fields small { display: block; color: var(--soft); font-size: .98rem; }
.fields dt { color: var(--teal); }
.token .fields + .fields { margin-top: .9rem; }
.opened pre { margin: .4rem 0 0; padding: .9rem 1rem; background: var(--tint); border-radius: 3px; max-height: 22rem; overflow: auto; line-height: 1.45; white-space: pre-wrap; overflow-wrap: anywhere; }

@media (min-width: 56rem) {
  .token .fields { display: grid; grid-template-columns: 1fr 1fr; gap: 0 2.5rem; }
  .token .fields div { grid-template-columns: 8rem minmax(0, 1fr); }
  .parties { position: sticky; top: 0; z-index: 3; display: grid; grid-template-columns: 18rem 1fr; background: var(--ground); border-bottom: 2px solid var(--ink); }
  .parties div { display: grid; grid-template-columns: 14% 1fr 14%; }
  .parties b { padding: .7rem 0 .6rem; text-align: center; color: var(--party); font-size: 1.2rem; }
  summary { display: grid; grid-template-columns: 18rem 1fr; }
  .title { padding-right: 1rem; align-self: center; }
  .lane, .interlude { background: linear-gradient(var(--line), var(--line)) 7% 0 / 2px 100% no-repeat, linear-gradient(var(--line), var(--line)) 50% 0 / 2px 100% no-repeat, linear-gradient(var(--line), var(--line)) 93% 0 / 2px 100% no-repeat; }
  .lane { position: relative; height: 4.7rem; color: var(--ink); }
  .ends { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
  .ask, .back { position: absolute; left: var(--l); right: var(--r); display: flex; justify-content: center; align-items: baseline; gap: .5rem; padding-inline: 4px; white-space: nowrap; line-height: 1.2; }
  .ask code { min-width: 0; overflow: hidden; text-overflow: ellipsis; }
  .ask { top: .7rem; padding-bottom: .4rem; border-bottom: 2px solid var(--party); }
  .back { top: 2.55rem; padding-bottom: .4rem; border-bottom: 1px dotted var(--soft); }
  .ask::after, .back::after { content: ""; position: absolute; width: 9px; height: 9px; border: solid var(--party); border-width: 2px 2px 0 0; }
  .ask::after { bottom: -6px; }
  .back::after { bottom: -5px; border-color: var(--soft); border-width: 1px 1px 0 0; width: 8px; height: 8px; }
  .by-front .ask { border-bottom-style: dashed; }
  .back.via { border: 0; } .back.via::after { display: none; }
  .lane.printly.to-server, .lane.server.to-printly { --l: calc(7% + 3px); --r: calc(50% + 3px); }
  .lane.printly.to-snaps, .lane.tool.to-snaps { --l: calc(7% + 3px); --r: calc(7% + 3px); }
  .lane.snaps.to-server { --l: calc(50% + 3px); --r: calc(7% + 3px); }
  /* A message across the whole plan has its labels beside the middle line: the question near the one who asks. */
  .to-snaps .ask { padding-right: calc(43% + 4px); }
  .to-snaps .back { padding-left: calc(43% + 4px); }
  .printly .ask::after, .tool .ask::after { right: 0; transform: rotate(45deg); }
  .printly .back::after, .tool .back::after { left: 0; transform: rotate(-135deg); }
  .snaps .ask::after, .lane.server .ask::after { left: 0; transform: rotate(-135deg); }
  .snaps .back::after { right: 0; transform: rotate(45deg); }
  .interlude { margin-left: 18rem; padding: .6rem 0; }
  .interlude p { width: 19rem; margin: 0 auto; padding: .7rem 1rem; background: var(--sheet); border: 1px solid var(--server); border-radius: 4px; text-align: center; font-size: 1.02rem; }
}
@media (max-width: 55.99rem) {
  .parties { display: none; }
  .title { padding-bottom: .2rem; padding-right: .25rem; }
  .turn { order: 1; margin-left: auto; }
  .lane { display: flex; flex-wrap: wrap; gap: .1rem .8rem; align-items: baseline; padding: 0 0 .9rem 2.2rem; }
  .ends { width: 100%; font-size: 1rem; }
  .ends .printly, .ends .tool, .ends .server, .ends .snaps { color: var(--party); font-weight: 700; }
  .ask { overflow-wrap: anywhere; }
  .by-front .ask::before { content: ""; display: inline-block; width: 1.4rem; margin-right: .5rem; border-top: 2px dashed var(--party); vertical-align: .3em; }
  .interlude p { margin: 0; padding: .8rem 0 1rem 2.2rem; border-top: 1px solid var(--line); }
  .fields div { grid-template-columns: 1fr; }
  .side, .token { padding: .9rem 1rem 1rem; }
}
@media print { .legend, .next { display: none; } }
`;
