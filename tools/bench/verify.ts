/** Tokens that an API checks by `valetkey/resource-server`, beside jose and a bare signature check. */
import { type Aim, judged, KNOWN_TOKENS, NEW_TOKENS } from "./aims.ts";
import { startChild } from "./child.ts";
import { count, NOTHING, percent, table } from "./markdown.ts";
import type { Options } from "./options.ts";
import { type Verified, WAYS, type Way } from "./servers/verifier_ways.ts";
import { SERVER_CORE } from "./servers.ts";
import { median } from "./statistics.ts";

export interface Verifications extends Verified {
  way: Way;
}

export async function measureVerifications({
  only,
  sides,
  runs,
  seconds,
}: Options): Promise<Verifications[]> {
  if (!only.has("verify") || !sides.has("valetkey")) return [];
  const verifier = startChild("servers/verifier.ts", { core: SERVER_CORE });
  const all: Verifications[] = [];
  try {
    for (let run = 0; run <= runs; run += 1) {
      process.stderr.write(run === 0 ? "warming up\n" : `access tokens, run ${run} of ${runs}\n`);
      for (const way of WAYS) {
        const verified = await verifier.ask<Verified>({ way, seconds });
        if (run > 0) all.push({ way, ...verified });
      }
    }
  } finally {
    await verifier.stop();
  }
  return all;
}

export function verificationTable(all: readonly Verifications[]): string[] {
  if (all.length === 0) return [];
  const rate = (way: Way): number =>
    median(
      all.filter((one) => one.way === way).map(({ tokens, cpu_us }) => (tokens * 1e6) / cpu_us),
    );
  const row = (title: string, way: Way, aims: { rate?: Aim; share?: Aim } = {}) => [
    title,
    judged(rate(way), aims.rate, count),
    way === "known token"
      ? NOTHING
      : judged(rate(way) / rate("new tokens, node:crypto"), aims.share, percent),
  ];
  const rows = [
    row("a token that was checked before", "known token", { rate: KNOWN_TOKENS }),
    row("new tokens, each once", "new tokens", { share: NEW_TOKENS }),
    row("jose, new tokens", "new tokens, jose"),
    row("`node:crypto`: the signature alone", "new tokens, node:crypto"),
  ];
  const head = ["access tokens, JWT with ES256", "a second and core, by CPU", "of `node:crypto`"];
  return [`### \`valetkey/resource-server\`\n\n${table(head, rows)}`];
}
