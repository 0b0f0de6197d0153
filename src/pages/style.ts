/**
 * The stylesheet: one column, two weights, three sizes of text, one scale of space (0.25, 0.5, 1, 1.5, 2.5 rem).
 * Colours are variables; those that follow from the operator's accent come from theme.ts.
 */
import { account_style } from "./style_account.ts";

const base = `
:root{
  color-scheme:light dark;
  --vk-ground:#f5f5f2; --vk-surface:#fff; --vk-text:#1d2023; --vk-muted:#5b6166;
  --vk-line:#e0e1dd; --vk-edge:#868c90; --vk-danger:#b0281e; --vk-warning:#8a5a00;
  font:400 100%/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;
  color:var(--vk-text); background:var(--vk-ground);
  -webkit-text-size-adjust:100%; text-size-adjust:100%; accent-color:var(--vk-accent-edge);
}
@media (prefers-color-scheme:dark){:root{
  --vk-ground:#131516; --vk-surface:#1c1e20; --vk-text:#ecedeb; --vk-muted:#a4aaae;
  --vk-line:#33373a; --vk-edge:#767d82; --vk-danger:#ff9f95; --vk-warning:#f0c060;
}}
*,*::before,*::after{box-sizing:border-box}
[hidden]{display:none!important}
body{margin:0;overflow-wrap:break-word}
h1,h2,h3,p,ul,dl,dd,pre,fieldset{margin:0;padding:0}
ul{list-style:none}
fieldset{border:0;min-inline-size:0}
h1{font-size:1.5rem;line-height:1.25;font-weight:600;letter-spacing:-.01em;text-wrap:balance}
h1:has(.app-name){font-weight:400}
h2,h3,legend,label,dt{font-size:1rem;font-weight:600}
label,legend,dt{font-size:.875rem}
legend{padding:0}
strong{font-weight:600}
p{text-wrap:pretty}
a{color:var(--vk-link);text-underline-offset:.2em;text-decoration-thickness:1px}
code,pre{font-family:ui-monospace,"SF Mono",Menlo,Consolas,"Noto Sans Mono",monospace;font-size:.875rem}
.icon{flex:none;inline-size:1.25rem;block-size:1.25rem}
.address{overflow-wrap:anywhere}
.visually-hidden{position:absolute;inline-size:1px;block-size:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
:focus-visible{outline:2px solid var(--vk-link);outline-offset:2px}
.host,.lead,.hint,.aside,.optional,.detail{color:var(--vk-muted)}
.hint,.aside,.optional,.error,.note,.event,.lasts,.mark,.hints{font-size:.875rem}
.optional{font-weight:400}
`;

const column = `
.page{min-block-size:100svh;display:flex;flex-direction:column;padding:1rem 1rem max(1.5rem,env(safe-area-inset-bottom));background:var(--vk-surface)}
.page>*{inline-size:100%;max-inline-size:26rem;margin-inline:auto}
.brand{display:flex;align-items:center;min-block-size:2rem;margin-block-end:1.5rem}
.wordmark{font-weight:600;color:var(--vk-muted)}
.logo{display:block;block-size:2rem;max-inline-size:14rem;object-fit:contain;object-position:left}
[dir=rtl] .logo{object-position:right}
.panel{display:flex;flex-direction:column;gap:1rem;flex:1}
.panel>h1+.host{margin-block-start:-.75rem}
.panel form{display:flex;flex-direction:column;gap:1.5rem}
.panel>form{margin-block-start:.5rem}
.panel>.decision{flex:1;gap:1rem}
@media (min-width:30rem) and (min-height:25rem){
  .page{background:none;padding:clamp(1rem,9vh,6rem) 1.5rem 2.5rem}
  .page>*{max-inline-size:31rem}
  .brand{padding-inline:2.5rem;margin-block-end:1rem}
  .panel{flex:none;padding:2.5rem;background:var(--vk-surface);border:1px solid var(--vk-line);border-radius:.75rem}
}
`;

const controls = `
button,.button{
  display:inline-flex;align-items:center;justify-content:center;gap:.25em;flex-wrap:wrap;
  min-block-size:3rem;padding:.5rem 1.25rem;border:1px solid var(--vk-edge);border-radius:.5rem;
  background:var(--vk-surface);color:var(--vk-text);font:inherit;font-weight:600;line-height:1.25;
  text-align:center;text-decoration:none;cursor:pointer;overflow-wrap:anywhere;touch-action:manipulation;
}
button:hover,.button:hover{border-color:var(--vk-text)}
.main{background:var(--vk-accent);color:var(--vk-on-accent);border-color:var(--vk-accent-edge)}
.main:hover{border-color:var(--vk-text)}
.main .app-name{font-weight:inherit}
.danger{color:var(--vk-danger);border-color:currentColor}
.danger-main{background:var(--vk-danger);color:var(--vk-surface);border-color:var(--vk-danger)}
.link{min-block-size:2.75rem;padding:0;border:0;background:none;color:var(--vk-link);font-weight:400;text-decoration:underline;text-underline-offset:.2em;text-decoration-thickness:1px}
.small{min-block-size:2.75rem;padding:.25rem 1rem;font-size:.875rem}
form[data-sent] button{cursor:progress}
.choice>*{padding-inline:.5rem}
.choice{display:grid;grid-template-columns:1fr 1fr;gap:1rem;margin-block-start:auto}
.actions{display:flex;flex-wrap:wrap;gap:1rem}
.panel .actions{margin-block-start:.5rem}
.panel .actions>*{flex:1 1 auto}
.field{display:flex;flex-direction:column;gap:.25rem}
.field .hint{margin-block-end:.25rem}
input:not([type=checkbox],[type=radio],[type=hidden]),textarea{
  inline-size:100%;min-block-size:3rem;padding:.5rem .75rem;border:1px solid var(--vk-edge);border-radius:.5rem;
  background:var(--vk-surface);color:inherit;font:inherit;
}
textarea{resize:vertical;line-height:1.5}
input:focus-visible,textarea:focus-visible{outline-offset:-1px;border-color:var(--vk-link)}
[aria-invalid=true]{border-color:var(--vk-danger)!important}
[aria-invalid=true]:focus-visible{outline-color:var(--vk-danger)}
.error{display:flex;gap:.5rem;color:var(--vk-danger)}
.error .icon{margin-block-start:.05rem}
.password{position:relative;display:block}
.password button{position:absolute;inset-block:2px;inset-inline-end:2px;min-block-size:2.75rem;border:0;background:none;padding:0 .75rem;font-size:.875rem;font-weight:400;color:var(--vk-link)}
.password:has(button) input{padding-inline-end:6rem!important}
input[type=checkbox],input[type=radio]{flex:none;inline-size:1.25rem;block-size:1.25rem;margin:.125rem 0}
.line{display:flex;align-items:flex-start;gap:.75rem;padding-block:.625rem;font-size:1rem;font-weight:400}
label.line{cursor:pointer}
.line>.icon{color:var(--vk-muted);margin-block:.125rem}
.words{flex:1;min-inline-size:0}
.words .detail,.words .hint{display:block;overflow-wrap:anywhere}
.note{display:flex;gap:.75rem;padding:.75rem 1rem;border-radius:.5rem;background:var(--vk-ground);background:color-mix(in srgb,var(--tone) 9%,var(--vk-surface))}
.note>div{min-inline-size:0}
.note>.icon{color:var(--tone)}
.note{--tone:var(--vk-muted)}
.note-problem{--tone:var(--vk-danger)}
.note-warning{--tone:var(--vk-warning)}
.note-done{--tone:var(--vk-link)}
`;

const pieces = `
.tile,.avatar{flex:none;display:inline-flex;align-items:center;justify-content:center;font-weight:600;user-select:none}
.tile{inline-size:3rem;block-size:3rem;border-radius:.75rem;font-size:1.5rem;line-height:1;background:var(--vk-ground);background:color-mix(in srgb,var(--vk-link) 12%,var(--vk-surface));color:var(--vk-link);object-fit:contain}
.avatar{inline-size:2.25rem;block-size:2.25rem;border-radius:50%;background:var(--vk-line)}
.account{display:flex;flex-wrap:wrap;align-items:center;gap:.25rem .75rem;padding-block:.75rem;border-block:1px solid var(--vk-line)}
.account p{flex:1;min-inline-size:8rem;line-height:1.25}
.account-name,.account-login{display:block;overflow-wrap:anywhere}
.account-login{font-size:.875rem;color:var(--vk-muted)}
.account .link{font-size:.875rem}
.accounts>li+li,.stack>*+*{margin-block-start:.5rem}
.stack{display:flex;flex-direction:column}
.person{inline-size:100%;justify-content:flex-start;flex-wrap:nowrap;gap:.75rem;text-align:start;font-weight:400}
.may>*+*{margin-block-start:.25rem}
.group+.group,.may .group{margin-block-start:1rem}
.group-name{font-size:.875rem;font-weight:400;color:var(--vk-muted)}
.permissions>li+li{border-block-start:1px solid var(--vk-line)}
.mark{display:inline-flex;gap:.25rem;align-items:center;color:var(--vk-muted);line-height:1.5rem}
.mark .icon{inline-size:1rem;block-size:1rem}
.mark-change{color:var(--vk-text)}
summary{min-block-size:2.75rem;padding-block:.625rem;cursor:pointer}
.before{border-block-start:1px solid var(--vk-line)}
.lasts{color:var(--vk-muted)}
.documents{display:flex;flex-wrap:wrap;align-items:center;gap:0 1rem;margin-block:-.75rem}
.documents a{display:inline-flex;align-items:center;min-block-size:2.75rem}
.hints{padding:.75rem 1rem;border:1px dashed var(--vk-edge);border-radius:.5rem}
.user-code{font-family:ui-monospace,"SF Mono",Menlo,Consolas,"Noto Sans Mono",monospace;font-size:1.25rem;letter-spacing:.12em}
input.user-code{text-transform:uppercase}
.facts dd{margin:0 0 .5rem;overflow-wrap:anywhere}
.hints dl,.event dl{display:grid;grid-template-columns:auto 1fr;gap:.25rem 1rem;margin-block-start:.25rem}
.hints dl>div,.event dl>div{display:contents}
.hints dt,.event dt{font-weight:400;color:var(--vk-muted)}
.plain li{padding-block:.25rem}
.event{margin-block-start:.5rem;padding-block-start:.5rem;border-block-start:1px solid var(--vk-line);color:var(--vk-muted)}
.event code{color:var(--vk-text);overflow-wrap:anywhere}
.event pre{padding:.75rem 1rem;margin-block:.5rem;border-radius:.5rem;background:var(--vk-ground);color:var(--vk-text);white-space:pre-wrap;overflow-wrap:anywhere}
.developer{overflow-wrap:anywhere}
.copyable{display:inline-flex;align-items:center;gap:.5rem;max-inline-size:100%}
.copyable code{min-inline-size:0;overflow-wrap:anywhere}
.copyable button{flex:none;min-block-size:2.75rem;padding:0 .75rem;border:0;background:none;color:var(--vk-link);font-size:.875rem;font-weight:400}
.copyable button:hover{text-decoration:underline}
.event>p:has(.copyable){display:flex;flex-wrap:wrap;align-items:center;column-gap:.5rem;min-block-size:2.75rem}
@media print{.page,:root{background:none}.panel,.card{border:0}button,.button,nav,.skip{display:none!important}}
`;

export const style = `${base}${column}${controls}${pieces}${account_style}`;
