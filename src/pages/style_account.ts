/** The part of the stylesheet that only the account pages need. */
export const account_style = `
.skip{position:absolute;inset-inline-start:1rem;inset-block-start:-5rem;padding:.75rem 1rem;background:var(--vk-surface);border-radius:.5rem;z-index:1}
.skip:focus{inset-block-start:.5rem}
.account-page{min-block-size:100svh;background:var(--vk-surface)}
.account-page>*{padding-inline:max(1rem,(100% - 44rem)/2)}
.bar{padding-block-start:.5rem;border-block-end:1px solid var(--vk-line)}
.bar-top,.bar-top form{display:flex;align-items:center;justify-content:space-between;gap:1rem}
.bar .who{display:inline-flex;align-items:center;gap:.375rem;min-block-size:2.75rem;color:var(--vk-muted);font-size:.875rem;line-height:1.3;text-decoration:none}
.bar .who:hover{color:var(--vk-text)}
.bar-top form,.bar .who{min-inline-size:0}
.bar .account-name,.bar .account-login{overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.bar .account-login{font-size:.8125rem}
.bar .link{flex:none;font-size:.875rem}
.bar ul{display:flex;flex-wrap:wrap;column-gap:1.25rem}
.bar nav a{display:flex;align-items:center;min-block-size:2.75rem;color:var(--vk-muted);font-size:.9375rem;text-decoration:none;border-block-end:2px solid transparent;margin-block-end:-1px}
.bar nav a:hover{color:var(--vk-text)}
.bar nav a[aria-current]{color:var(--vk-text);border-color:var(--vk-link)}
@media (min-width:40rem){.bar ul{column-gap:2rem}}
#content{padding-block:1.5rem 2.5rem;outline:0}
@media (min-width:40rem){#content{padding-block-start:2.5rem}}
#content>*+*,.narrow>*+*{margin-block-start:1rem}
.narrow{max-inline-size:31rem}
.narrow.wide{max-inline-size:none}
.narrow form{display:flex;flex-direction:column;gap:1.5rem}
.narrow>*+section{margin-block-start:1.5rem}
.narrow>section+section,.narrow>form+section{margin-block-start:2.5rem;padding-block-start:1.5rem;border-block-start:1px solid var(--vk-line)}
.narrow section>*+*{margin-block-start:.5rem}
.narrow section>h2+form{margin-block-start:1rem}
.narrow section form{gap:1rem}
.narrow section .actions{margin-block-start:1rem}
.narrow section form>.actions{margin-block-start:0}
.narrow>h1+.host{margin-block-start:.25rem}
.rows+form{padding-block-start:.5rem}
.narrow .choice{margin-block-start:.5rem}
.title-row{display:flex;flex-wrap:wrap;align-items:center;justify-content:space-between;gap:.5rem 1rem}
.cards{display:grid;gap:1rem}
.card{padding:1rem;border:1px solid var(--vk-line);border-radius:.75rem}
@media (min-width:40rem){.card{padding:1.5rem}}
.card-top,.row,.row-link{display:flex;align-items:center;gap:1rem}
.card-top{align-items:flex-start}
.card-name{flex:1;min-inline-size:0;line-height:1.35}
.card-name .host,.card-name .row-when{display:block}
.card-what{margin-block:.75rem}
.card .line{padding-block:.375rem}
.card .permissions>li+li{border:0}
.card-foot{display:flex;flex-wrap:wrap;align-items:center;justify-content:space-between;gap:.5rem 1rem;padding-block-start:1rem;border-block-start:1px solid var(--vk-line)}
.card-foot p,.row-when{font-size:.875rem;color:var(--vk-muted)}
.rows>.row{padding-block:.75rem}
.rows>.row+.row{border-block-start:1px solid var(--vk-line)}
.row-link{flex:1;min-inline-size:0;color:inherit;text-decoration:none}
.row-link>.icon{color:var(--vk-muted)}
[dir=rtl] .row-link>.icon{transform:scaleX(-1)}
.row-link:hover .app-name{text-decoration:underline}
.badge{font-size:.875rem;color:var(--vk-link)}
.empty{display:flex;flex-direction:column;align-items:center;gap:.5rem;padding:2.5rem 1rem;text-align:center;color:var(--vk-muted);border:1px dashed var(--vk-line);border-radius:.75rem}
.empty-title{color:var(--vk-text);font-weight:600}
.empty .button{margin-block-start:.5rem}
.code{padding:.75rem 1rem;font-size:.8125rem;border-radius:.5rem;background:var(--vk-ground);white-space:pre-wrap;overflow-wrap:anywhere}
.code code{font-size:inherit}
#env,.credentials code{user-select:all}
.connection{border-block:1px solid var(--vk-line)}
.connection>*{margin-block-end:1rem}
.connection>summary{margin:0;font-weight:600}
.actions:not(:has(>:not([hidden]))){display:none}
form:has([name=kind]:checked:not([value=web])) .for-web{display:none}
.credentials{display:grid;gap:1rem}
.credentials .copyable{display:flex;justify-content:space-between;min-block-size:3rem;margin-block-start:.25rem;padding-inline-start:.75rem;border:1px solid var(--vk-line);border-radius:.5rem}
.credentials code{padding-block:.5rem}
`;
