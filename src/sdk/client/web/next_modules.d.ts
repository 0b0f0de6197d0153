/** The parts of Next.js that `next.ts` uses, so that it compiles without it. */
declare module "next/headers" {
  export function headers(): Promise<Headers>;
  export function cookies(): Promise<{ set(cookie: object): void }>;
}
declare module "next/navigation" {
  export function redirect(url: string): never;
}
