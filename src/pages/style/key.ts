/** The key: a cut for each permission, short to see, long to change, none where it is not allowed. */
export const key = `
.key{position:relative;padding-inline-start:2.75rem}
.key::before,.key::after,.key li::before,.legend span::before{content:"";position:absolute}
.key::before,.key li::before,.legend span::before{background:var(--vk-accent-edge)}
.key::before{inset-inline-start:.5625rem;inset-block:1rem 0;inline-size:.625rem;clip-path:polygon(0 0,100% 0,100% calc(100% - 5px),50% 100%,0 calc(100% - 5px))}
.key::after{inset-inline-start:0;inset-block-start:-.125rem;inline-size:1.75rem;block-size:1.75rem;border:.5625rem solid var(--vk-accent-edge);border-radius:50%}
.key .head{padding-block-end:var(--s1)}
.key .head>h2{flex:1 0 auto;max-inline-size:100%}
.key>.hint{padding-block:var(--s2) var(--s1)}
.key h3{margin-block-start:var(--s2)}
.key ul+h3{margin-block-start:var(--s4)}
.key li{position:relative}
.key li::before{inset-inline-start:-1.5625rem;inset-block:0;margin-block:auto;block-size:.8125rem;border-start-end-radius:2px;border-end-end-radius:2px;transition:inline-size .15s}
.key li::before,.legend span::before{inline-size:.4375rem}
.key .long::before{inline-size:.9375rem}
.key li:has(input:not(:checked))::before{inline-size:0}
.key li:has(input:not(:checked)) .words{color:var(--muted)}
.key li>*{gap:var(--s4);padding-block:var(--s2);font-size:1rem;line-height:1.4}
.key input{align-self:center}
.legend{column-gap:var(--s4)}
.legend span{gap:var(--s2)}
.legend span::before{position:static;block-size:.625rem;border-radius:2px}
`;
