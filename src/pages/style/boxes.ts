/** Lines, boxes and the way things stand in them. */
export const boxes = `
.sheet,.foot,.answer,.top,.card,.menu>div,.person,button,.button,input,textarea,select,.key::after,.side [aria-current]{background:var(--surface)}
.house,.plate,.promise,.or,.person,.row,.head,.legend,.legend span,.top .in,.side a,.foot a,.menu>summary,.menu>div>a,.facts dd,.key li>*{display:flex;align-items:center}
.plate,.head,.top .in,.facts dd{justify-content:space-between;gap:var(--s2) var(--s4)}
body,.sheet,.sheet>main,.who,.do,.stack,form{display:flex;flex-direction:column}
.who,.do,.stack,form{gap:var(--s5)}
.sheet>main>form{gap:0}
.own,.asker,.note,.tick,.acts,.error{display:flex;gap:var(--s3)}
.own figcaption,.asker>div,.words,.note>div,.promise>span{flex:1;min-inline-size:0}
.page,.two,.inside,.answer,.ways,.pile,.facts,.menu>div{grid-template-columns:minmax(0,1fr)}
button>span,.button>span,.kinds span{min-inline-size:0}
.plate,.head,.acts,.foot,.legend,.row,.asker,.person,.kinds label,.top .in{flex-wrap:wrap}
.asker>div,.row>.words,.person>.words,.kinds span{flex:1 1 6rem}
.head>:first-child{flex:1 1 14rem}
.house,.foot a,.side a,.menu>summary,.menu>div>a,button,.button,.key li>*{min-block-size:2.75rem}
`;
