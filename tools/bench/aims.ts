/** The aims of Valetkey. Each number is reported with its aim; a missed aim fails nothing. */
import type { ScenarioName } from "./scenarios.ts";

export interface Aim {
  least?: number;
  most?: number;
}

/** Share of the floor's speed on SQLite. A signature costs the floor the same, an opaque token next to nothing. */
export const OF_FLOOR: Aim = { least: 0.7 };
export const OF_FLOOR_OPAQUE: Aim = { least: 0.6 };
/** The floor sends the reads of one turn in one batch, too. */
export const OF_POSTGRES_FLOOR: Aim = { least: 0.65 };
/** Share of the speed with few grants. */
export const WITH_MANY_GRANTS: Aim = { least: 0.9 };

/** Times as fast as oidc-provider. */
export const TIMES: Readonly<Partial<Record<ScenarioName | "flow", Aim>>> = {
  flow: { least: 3 },
  refresh: { least: 2.5 },
  refresh_public: { least: 2.5 },
};

/** Times of answers to wrong passwords, of a known name to an unknown one: within what two runs of one differ by. */
export const KNOWN_TO_UNKNOWN: Aim = { least: 0.98, most: 1.02 };
export const SIGN_INS_PER_CORE: Aim = { least: 40 };
/** Milliseconds from the start of the process. */
export const FIRST_TOKEN: Aim = { most: 500 };
/** Milliseconds, on a quiet machine. */
export const TEST_ISSUER: Aim = { most: 100 };
export const MEMORY_MB: Aim = { most: 130 };
/** p99 of the token endpoint while people sign in, as a multiple of its p99 while nobody does: no worse than in November 2026. */
export const P99_WITH_SIGN_INS: Aim = { most: 3.7 };
/** A second and core, in an API that uses `valetkey/resource-server`. */
export const KNOWN_TOKENS: Aim = { least: 20_000 };
/** Share of the speed at which `node:crypto` verifies their signatures. */
export const NEW_TOKENS: Aim = { least: 0.6 };
export const TWO_WORKERS: Aim = { least: 1.8 };

export const isMet = (value: number, { least, most }: Aim): boolean =>
  value >= (least ?? Number.NEGATIVE_INFINITY) && value <= (most ?? Number.POSITIVE_INFINITY);

/** `82 % (aim: 75 %, met)`. */
export function judged(value: number, aim: Aim | undefined, shown: (value: number) => string) {
  if (!aim) return shown(value);
  const bound = [aim.least, aim.most]
    .flatMap((one) => (one === undefined ? [] : shown(one)))
    .join("-");
  return `${shown(value)} (aim ${bound}: ${isMet(value, aim) ? "met" : "**not met**"})`;
}
