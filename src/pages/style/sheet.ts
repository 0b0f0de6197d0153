/** A page that asks: the plate with mark, name and address, then who asks, then what to do. */
export const sheet = `
.house{gap:.625rem;color:inherit;font-size:1.0625rem;text-decoration:none;letter-spacing:-.01em}
.house svg,.cuts{color:var(--vk-accent-edge)}
.logo{block-size:1.75rem;max-inline-size:11rem;object-fit:contain}
.plate{padding:var(--s2) var(--pad);border-block-end:var(--hair)}

.sheet{--pad:1.25rem;flex:1;inline-size:100%}
.sheet>main,.sheet>main>form,.do{flex:1}
.who,.do{padding:var(--s5) var(--pad)}
@media (max-width:35.99rem){.wide h1{font-size:1.25rem}.wide .who{padding-block:var(--s4);gap:var(--s3)}.wide .who+.do{padding-block-start:0}.wide .note{gap:var(--s2);padding:var(--s2) var(--s3)}.person .ends{display:flex;white-space:pre}.ends>:first-child{overflow:hidden;text-overflow:ellipsis}.who,.do{gap:var(--s4)}.asker .tile{inline-size:2.5rem;block-size:2.5rem;border-radius:var(--r1);font-size:var(--f4)}}
.who+.do{padding-block-start:0}
.asker{gap:var(--s4)}
.foot{display:flex;justify-content:center;column-gap:var(--s5);padding:var(--s2) var(--s4)}
.foot a{justify-content:center;min-inline-size:2.75rem}
.foot a:not(:hover){text-decoration:none}
.promise,.answer{gap:var(--s3);padding:var(--s3) var(--pad) max(var(--s4),env(safe-area-inset-bottom));border-block-start:var(--hair)}
.promise{margin:auto calc(-1*var(--pad)) calc(-1*var(--s5));background:var(--tint)}
.who .promise{display:none}
.answer{position:sticky;inset-block-end:0;display:grid}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,7rem),1fr));gap:var(--s3)}
html:has(.answer){scroll-padding-block-end:17rem}
@media (max-height:26rem){.answer{position:static}html:has(.answer){scroll-padding-block-end:0}}
@media (min-width:36rem){
.sheet{--pad:2.25rem;flex:none;max-inline-size:30rem;margin:clamp(1rem,9vh,5.5rem) auto var(--s5);border:var(--hair);border-radius:var(--r3);box-shadow:var(--shade)}
.foot{background:none;margin-block-start:auto}
.who,.do{padding-block:var(--s6)}
.promise,.answer{border-end-start-radius:var(--r3);border-end-end-radius:var(--r3)}
.promise{margin-block-end:calc(-1*var(--s6))}
}
@media (min-width:46rem){
.wide{max-inline-size:60rem}
.wide form{display:grid;grid-template:1fr auto/minmax(17rem,23rem) minmax(0,1fr);min-block-size:25rem}
.wide .do{padding-block:var(--s6)}
.wide .who{grid-row:span 2;background:var(--tint);border-inline-end:var(--hair);border-end-start-radius:var(--r3)}
.wide .asker{flex-flow:column}
.wide .asker>div{flex:none}
.wide .answer{border-end-start-radius:0}
.wide .who .promise{display:flex;margin:auto 0 0;padding:0;border:0;background:none}
}
`;
