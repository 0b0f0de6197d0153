/** The pages of a signed-in person. */
export const account = `
.top{border-block-end:var(--hair);padding-block:var(--s2)}
.in{inline-size:100%;max-inline-size:68rem;margin-inline:auto;padding-inline:var(--s4)}
.menu{position:relative;flex:1 1 9rem;min-inline-size:0;max-inline-size:max-content;margin-inline-start:auto}
.menu>summary{gap:var(--s2)}
.menu>summary>:not(.face,.go){overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.menu>div{position:absolute;inset-inline-end:0;z-index:2;inline-size:max-content;max-inline-size:min(20rem,100vw - 2rem);padding:var(--s4);display:grid;gap:var(--s3);box-shadow:var(--shade)}
.side ul{display:flex;flex-wrap:wrap;gap:var(--s1);padding-block:var(--s2)}
.side a{font-size:.9375rem;gap:var(--s3);padding-inline:var(--s3);border:1px solid transparent;text-decoration:none}
.side a:hover,.side [aria-current]{color:var(--text)}
.side [aria-current]{border-color:var(--line)}
.side svg{display:none}
.page{padding-block:var(--s4) var(--s7);align-content:start}
.page,.two,.inside{display:grid;gap:var(--s5)}
.page>*{min-inline-size:0}
.page :is(button,.button){font-size:.9375rem}
.card{gap:0}
.card,.menu>div{border:var(--hair);border-radius:var(--r2)}
.card>*{padding:var(--s4)}
.card>*+*,li+li>.row,li+li>details,tbody tr,.key li+li{border-block-start:var(--hair)}
.card>ul,.card>table{padding:0}
.row{gap:var(--s4);min-block-size:4rem;padding:var(--s3) var(--s4);color:inherit;text-decoration:none;line-height:1.4}
summary.row,.menu>summary{list-style:none}
.fold>summary{padding-block:.75rem}
[dir=rtl] :is(.go,.cuts){transform:scaleX(-1)}
[dir=rtl] :is(h1,.house){letter-spacing:0}
[open]>summary>.go,.menu>summary>.go{transform:rotate(90deg)}
.inside{padding:var(--s2) var(--s4) var(--s5)}
.inside .key{margin-inline-start:.375rem}
.kinds,.facts{display:grid;gap:var(--s3)}
.kinds{padding-block-start:var(--s2);grid-template-columns:repeat(auto-fit,minmax(min(100%,18rem),1fr))}
.kinds label{display:flex;gap:var(--s3);padding:var(--s4);border:1px solid var(--rim)}
.kinds label:has(:checked){border-color:var(--vk-accent-edge);box-shadow:inset 0 0 0 1px var(--vk-accent-edge);background:var(--tint)}
.qr{display:block;inline-size:13.75rem;max-inline-size:100%;block-size:auto;border-radius:var(--s1);forced-color-adjust:none}
.groups{display:flex;flex-wrap:wrap;gap:0 .6em;align-items:center;flex:0 1 auto;user-select:all}
.codes{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,14rem),1fr));column-gap:var(--s6)}
.codes li{padding-block:var(--s3);border-block-end:var(--hair)}
pre{background:var(--tint);border-radius:0 0 var(--r2) var(--r2);white-space:pre-wrap;line-height:1.6}
.code-lines{white-space:pre;overflow-x:auto}
.fold pre{padding:var(--s3);border-radius:var(--r1)}
@media (max-width:27rem){.side ul{gap:0}.side a{padding-inline:var(--s2);font-size:var(--f2)}}
@media (max-width:43.99rem){.far,.row>svg:first-child{display:none!important}}
@media (min-width:44rem){
.in{padding-inline:var(--s6)}
.card>:not(ul,table),.row,.inside,th:first-child,td:first-child{padding-inline:var(--s5)}
.has{inline-size:11rem}
}
@media (min-width:60rem){
.frame{display:grid;grid-template-columns:13rem minmax(0,1fr);gap:var(--s7)}
.side ul{flex-direction:column}
.side svg{display:block}
.side ul,.page{padding-block-start:var(--s6)}
}
`;
