/** How the API of `verifier.ts` checks tokens: one that it has checked before, or new ones, each once. */
export const WAYS = [
  "known token",
  "new tokens",
  "new tokens, jose",
  "new tokens, node:crypto",
] as const;
export type Way = (typeof WAYS)[number];

export interface Verified {
  tokens: number;
  seconds: number;
  cpu_us: number;
}
