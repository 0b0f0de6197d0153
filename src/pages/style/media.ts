/** Motion, forced colours, print. */
export const media = `
@media (prefers-reduced-motion:reduce){*,*::before{transition:none!important}}
@media (forced-colors:active){
[type=checkbox],[type=radio]{appearance:auto}
.key::before,.key li::before,.legend span::before{background:CanvasText}
.main,.side [aria-current]{outline:1px solid}
}
@media print{
:root{color-scheme:light;--text:#000;--muted:#333;--surface:#fff;--ground:#fff}
button,.button,.top,.side,.foot,.skip,.no-print{display:none!important}
.frame{display:block}
.card,.sheet{border:0;box-shadow:none}
.key{print-color-adjust:exact}
}
`;
