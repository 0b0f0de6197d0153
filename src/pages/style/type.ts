/** Text: two weights, six sizes. */
export const type = `
*,*::before,*::after{box-sizing:border-box}
[hidden]{display:none!important}
body{margin:0;min-block-size:100svh;overflow-wrap:break-word}
h1,h2,h3,p,ul,ol,dl,dd,pre,figure,fieldset,legend{margin:0;padding:0;min-inline-size:0}
ul,ol{list-style:none}
fieldset{border:0}
svg{flex:none;display:block}

h1{font-size:var(--f5);line-height:1.25;letter-spacing:-.018em;text-wrap:balance}
h2,.codes{font-size:var(--f4);line-height:1.35}
.page h1{font-size:min(var(--f6),13vw);line-height:1.2}
h1,h2,h3,strong,b,label,legend,.house,button,.button,.tile,.face,.side [aria-current]{font-weight:600}
.key h3,.key label,.tick,th,small,.optional,.tag,.plain,.ways :is(button,.button){font-weight:400}
h3,label,legend,small,.hint,.note,.error,.promise,.field>a,.face,.facts dt,summary:not(.row){font-size:var(--f2)}
.at,.foot,.or,.legend,.tag,th{font-size:var(--f1)}
small,dt,th,.hint,.lead,.host,.optional,.at,.foot a,.or,.legend,.promise,.key h3,.side a,.row>svg{color:var(--muted)}
.hint:has(a+a){line-height:1.75}
:is(.hint,.host) strong,.owner{color:var(--text)}
.row .owner{font-weight:400;color:inherit}
:is(.promise>span,.answer>.hint)>.app-name{font-weight:400;color:inherit}
h1+.lead,.host{margin-block-start:var(--s1)}
a{color:var(--vk-link);text-underline-offset:.2em;text-decoration-thickness:1px}
code,pre,.codes{font-family:var(--mono)}
code{font-size:.9em}
code,.any,.words small{overflow-wrap:anywhere}
#env,dd code{user-select:all}
.see-not{position:absolute;inline-size:1px;block-size:1px;overflow:hidden;clip-path:inset(50%)}
.skip{padding:var(--s3) var(--s4)}
.skip:focus{outline-offset:-2px}
.skip:not(:focus){position:absolute;inset-block-start:-9rem}
:focus-visible{outline:2px solid var(--vk-link);outline-offset:2px;border-radius:var(--s1)}
`;
