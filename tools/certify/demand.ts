/** A demand of a certification profile, and its verdict. */
import type { World } from "./world.ts";

/** The profiles of the OpenID Foundation that Valetkey is measured by. */
export const PROFILES = [
  "config",
  "basic",
  "form_post",
  "dynamic",
  "rp_logout",
  "back_channel",
  "implicit",
  "hybrid",
] as const;
export type Profile = (typeof PROFILES)[number];

export interface Demand {
  /** What has to hold, as a sentence. */
  text: string;
  /** @throws what was seen instead */
  check(world: World): Promise<void>;
  /** Needs commands of the server's own machine, which a server elsewhere does not offer. */
  by_command?: boolean;
}

export type Demands = Readonly<Record<Profile, readonly Demand[]>>;

export interface Verdict {
  profile: Profile;
  text: string;
  /** Null: it holds. */
  seen: string | null;
  skipped: boolean;
}

/** Demands of one profile run one after the other. Each begins with a browser of its own. */
export async function judge(
  demands: Demands,
  profiles: readonly Profile[],
  world: World,
): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  for (const profile of profiles)
    for (const { text, check, by_command = false } of demands[profile]) {
      const skipped = by_command && world.command === null;
      const seen = skipped ? null : await check(world).then(nothing, describe);
      verdicts.push({ profile, text, seen, skipped });
    }
  return verdicts;
}

const nothing = (): null => null;

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const [first = ""] = error.message.split("\n\n");
  return `${error.name}: ${first.slice(0, 1500)}`;
}

/** The verdicts as a table for a terminal. */
export function table(verdicts: readonly Verdict[]): string {
  const widest = Math.max(...PROFILES.map(({ length }) => length));
  const lines = verdicts.map(({ profile, text, seen, skipped }) => {
    const mark = skipped ? "skipped" : seen === null ? "ok" : "FAILED";
    const detail = seen === null ? "" : `\n${seen.replaceAll(/^/gm, "      ")}`;
    return `${mark.padEnd(8)}${profile.padEnd(widest + 2)}${text}${detail}`;
  });
  const failed = verdicts.filter(({ seen }) => seen !== null).length;
  const held = verdicts.filter(({ seen, skipped }) => seen === null && !skipped).length;
  return [...lines, "", `${held} hold, ${failed} failed`].join("\n");
}
