/** Samples of a running server, and their trends. */
import { TABLES } from "../../src/store/sql/tables.ts";
import type { Wire } from "./ask.ts";
import type { Place } from "./place.ts";

export interface Sample {
  /** Seconds since the beginning. */
  at: number;
  rss_mb: number;
  fds: number;
  /** Since the previous sample. */
  loop_p99_ms: number;
  /** In all tables. */
  rows: number;
  size_mb: number;
}

export async function takeSample(place: Place, metrics: Wire, at: number): Promise<Sample> {
  const { body } = await metrics.ask({ path: "/metrics" });
  const counts = TABLES.map(({ name }) => `(SELECT count(*) FROM ${name})`).join(" + ");
  const [row] = await place.read(`SELECT ${counts} AS count`);
  const MB = 1_048_576;
  return {
    at,
    rss_mb: Math.round(gauge(body, "process_resident_memory_bytes") / MB),
    fds: gauge(body, "process_open_fds"),
    loop_p99_ms: rounded(gauge(body, "nodejs_eventloop_lag_p99_seconds") * 1000),
    rows: Number(row?.count),
    size_mb: rounded((await place.size()) / MB),
  };
}

function gauge(text: string, name: string): number {
  const [, value] = new RegExp(`^valetkey_${name}(?:\\{[^}]*\\})? (\\S+)$`, "m").exec(text) ?? [];
  return Number(value);
}

/** Least squares: the growth of y per x. */
export function slope(points: readonly (readonly [number, number])[]): number {
  const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
  const [mx, my] = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))];
  const above = points.reduce((sum, [x, y]) => sum + (x - mx) * (y - my), 0);
  const below = points.reduce((sum, [x]) => sum + (x - mx) ** 2, 0);
  return rounded(above / below);
}

/** The peak of the last quarter divided by that of the second: in the first quarter the server warms up. */
export function grewBy(values: readonly number[]): number {
  const quarter = Math.floor(values.length / 4);
  const most = (some: readonly number[]): number => Math.max(...some);
  return rounded(most(values.slice(-quarter)) / most(values.slice(quarter, 2 * quarter)));
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

const rounded = (value: number): number => Math.round(value * 100) / 100;
