/** Sizes, spaces, radii and colours. Those of the operator's accent come before them, from `theme.ts`. */
export const tokens = `
:root{
  color-scheme:light dark;
  --ground:color-mix(in srgb,var(--vk-accent-edge) 3%,#f5f6f6);--surface:#fff;--text:#14181a;--muted:#586069;--line:#e2e5e2;--rim:#c4cac6;--edge:#80888d;
  --good:#197a48;--warning:#855300;--danger:#b3261e;
  --tint:color-mix(in srgb,var(--vk-accent-edge) 5%,var(--surface));--wash:color-mix(in srgb,var(--vk-accent-edge) 12%,var(--surface));
  --shade:0 1px 2px rgb(20 30 25/.05),0 16px 40px -16px rgb(20 30 25/.16);--hair:1px solid var(--line);
  --f1:.8125rem;--f2:.875rem;--f3:1rem;--f4:1.125rem;--f5:1.5rem;--f6:1.75rem;
  --s1:.25rem;--s2:.5rem;--s3:.75rem;--s4:1rem;--s5:1.5rem;--s6:2rem;--s7:3rem;
  --r1:.625rem;--r2:.875rem;--r3:1.25rem;
  --mono:ui-monospace,"SF Mono",Menlo,Consolas,monospace;
  font:400 100%/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;
  color:var(--text);background:var(--ground);-webkit-text-size-adjust:100%;scroll-padding-block:4.5rem;
}
@media (prefers-color-scheme:dark){:root{
  --ground:#0d1011;--surface:#171b1c;--text:#eceeed;--muted:#a3abb0;--line:#2b3132;--rim:#454d4f;--edge:#7b8488;
  --good:#6fd39b;--warning:#efbf63;--danger:#ff9d94;--shade:none;
}}
`;
