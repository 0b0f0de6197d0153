/** The part of Next.js that `next.ts` uses, so that it compiles without it. */
declare module "next/headers" {
  export function headers(): Promise<Headers>;
}
