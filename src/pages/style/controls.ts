/** Buttons, fields, boxes to tick, notes. */
export const controls = `
button,.button{display:inline-flex;align-items:center;justify-content:center;gap:var(--s2);max-inline-size:100%;padding:var(--s2) var(--s4);border:1px solid var(--rim);color:inherit;font-family:inherit;font-size:1em;line-height:1.25;text-align:center;text-decoration:none;cursor:pointer}
button,.button,input,textarea,select,.note,.person,.side a,.kinds label{border-radius:var(--r1)}
button:hover,.button:hover,a.row:hover,summary.row:hover,tbody tr:hover{background:var(--tint)}
.main,.main:hover{background:var(--vk-accent);color:var(--vk-on-accent);border-color:var(--vk-accent-edge)}
.main:hover{box-shadow:0 0 0 3px color-mix(in srgb,var(--vk-accent-edge) 28%,transparent)}
.sheet .main,.pair>*{min-block-size:3rem}
button:disabled,button:disabled:hover{background:var(--wash);color:var(--muted);border-color:var(--line);box-shadow:none;cursor:default}
.danger,.error{color:var(--danger)}
.reached{color:var(--good)}
.plain{border-color:transparent;background:none;color:var(--vk-link);padding-inline:var(--s2);font-size:var(--f2);text-decoration:underline}
form[data-sent] button{cursor:progress}
form:has([name=kind]:checked:not([value=web])) .for-web{display:none}
.ways,.pile{display:grid;gap:var(--s2)}
.ways :is(button,.button){justify-content:start;flex-wrap:wrap;gap:var(--s1) var(--s3);text-align:start}
.ways :is(button,.button)>span{flex:1 1 5rem}
.ways small{margin-inline-start:auto}
.or{gap:var(--s4)}
.or::before,.or::after{content:"";flex:1;border-block-start:var(--hair)}
.field{display:grid;grid-template-columns:minmax(0,1fr) auto;gap:var(--s1)}
.field>*{grid-column:1/-1}
.field>a{grid-area:1/2}
.field>label{grid-area:1/1}
input,textarea,select{inline-size:100%;min-block-size:3rem;padding:var(--s2) var(--s3);border:1px solid var(--edge);color:inherit;font:inherit}
input:focus-visible,textarea:focus-visible{outline-offset:-1px;border-color:var(--vk-link);border-radius:var(--r1)}
[aria-invalid=true],[aria-invalid=true]:focus-visible{border-color:var(--danger);outline-color:var(--danger);box-shadow:inset 0 0 0 1px var(--danger)}
.secret{display:grid;position:relative}
.secret button{position:absolute;inset-inline-end:var(--s1);inset-block:.125rem}
.secret:has(button:not([hidden])) input{padding-inline-end:6rem}
.code{font:600 clamp(var(--f3),9vw,var(--f6))/1 var(--mono);letter-spacing:.16em;text-align:center;text-transform:uppercase;min-block-size:4rem}
.code::placeholder{font-weight:400;opacity:.6}
[type=checkbox],[type=radio]{appearance:none;flex:none;align-self:start;display:grid;place-items:center;inline-size:1.5rem;block-size:1.5rem;min-block-size:0;padding:0;margin:0;border-radius:.4375rem}
[type=radio]{border-radius:50%}
:checked{background:var(--vk-accent);border-color:var(--vk-accent-edge)}
:checked::before{content:"";inline-size:.4375rem;block-size:.75rem;border:solid var(--vk-on-accent);border-width:0 2px 2px 0;transform:translateY(-12%) rotate(45deg)}
[type=radio]:checked::before{inline-size:0;block-size:0;border-width:4px;border-radius:50%;transform:none}
label,summary{cursor:pointer}
.tick{min-block-size:2.75rem;padding-block:var(--s2);font-size:1rem}
.error{gap:var(--s2)}
.note,.tag{--tone:var(--muted);padding:var(--s3) var(--s4);background:color-mix(in srgb,var(--tone) 10%,var(--surface))}
.note>svg{color:var(--tone)}
.note li{padding-block:var(--s1)}
.done{--tone:var(--good)}.warn{--tone:var(--warning)}.bad{--tone:var(--danger)}
.tag{padding:.0625rem var(--s2);border-radius:1rem;color:var(--text);line-height:1.5;white-space:nowrap}
.tile,.face{flex:none;display:grid;place-items:center;color:var(--vk-link);background:var(--wash)}
.tile{inline-size:3.25rem;block-size:3.25rem;border-radius:var(--r2);box-shadow:0 0 0 1px var(--line);font-size:var(--f5)}
.tile.small{inline-size:2.5rem;block-size:2.5rem;border-radius:var(--r1);font-size:var(--f4)}
.face{inline-size:2.25rem;block-size:2.25rem;border-radius:50%}
.person{inline-size:100%;gap:var(--s3);min-block-size:3.5rem;padding:var(--s2) var(--s3);border:var(--hair);line-height:1.35}
.words small,.has small,.kinds small,td small{display:block}
`;
