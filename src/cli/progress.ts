/**
 * Shows the progress of long work on stderr: one line that is drawn again and again on a terminal, a plain line every
 * ten seconds elsewhere, and nothing elsewhere with `--json`.
 */

import { type Progress, unwatched, type Watch } from "../store/progress.ts";
import { CLEAR } from "./output.ts";

/** Milliseconds. */
const REDRAW = 100;
/** The speed is that of the last seconds, since resumed work skips much at first. */
const WINDOW = 30_000;
const SECOND = 1000;

interface Output {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

interface Options {
  readonly stream?: Output;
  /** Milliseconds between two plain lines. */
  readonly every?: number;
  /** Milliseconds since any moment. */
  readonly clock?: () => number;
}

/** @param work calls its argument at each step */
export async function withProgress<T>(
  work: (watch: Watch) => Promise<T>,
  { json = false }: { json?: boolean | undefined },
  { stream = process.stderr, every = 10_000, clock = () => performance.now() }: Options = {},
): Promise<T> {
  if (json && stream.isTTY !== true) return work(unwatched);
  const drawn = stream.isTTY === true && process.env.TERM !== "dumb";
  const meter = startMeter({ stream, drawn, every: drawn ? REDRAW : every, clock });
  // Work may be silent for long, or may never yield to timers: so both the timer and each step look at the clock.
  const timer = setInterval(meter.tick, Math.min(SECOND, every));
  try {
    return await work(meter.watch);
  } finally {
    clearInterval(timer);
    meter.end();
  }
}

interface Meter {
  watch: Watch;
  tick(): void;
  end(): void;
}

function startMeter({
  stream,
  drawn,
  every,
  clock,
}: Required<Options> & { drawn: boolean }): Meter {
  const began = clock();
  let latest: Progress | null = null;
  let samples: { at: number; done: number }[] = [];
  // The first line is drawn at once on a terminal, and comes after the first interval elsewhere.
  let shown_at = drawn ? Number.NEGATIVE_INFINITY : began;
  let is_line = false;

  function tick(): void {
    const now = clock();
    if (latest === null || now - shown_at < every) return;
    shown_at = now;
    const seconds = (now - began) / SECOND;
    const text = progressText(latest, { seconds, speed: speedOf(samples) });
    is_line = drawn;
    // Some terminals report no width, or 0. The cursor goes back to the start of the line, where the next message replaces it.
    stream.write(drawn ? `${CLEAR}${text.slice(0, (stream.columns || 80) - 1)}\r` : `${text}\n`);
  }

  return {
    watch(progress) {
      const at = clock();
      const last = samples.at(-1);
      if (progress.unit !== latest?.unit || (last && progress.done < last.done)) samples = [];
      latest = progress;
      if (!last || samples.length === 0 || at - last.at >= SECOND)
        samples = [
          ...samples.filter((each) => at - each.at <= WINDOW),
          { at, done: progress.done },
        ];
      tick();
    },
    tick,
    end() {
      if (is_line) stream.write(CLEAR);
    },
  };
}

/** A second; null: too little is known. */
function speedOf(samples: readonly { at: number; done: number }[]): number | null {
  const [first, last] = [samples[0], samples.at(-1)];
  if (!first || !last || last.at === first.at) return null;
  return ((last.done - first.done) / (last.at - first.at)) * SECOND;
}

/** @param timing seconds so far, and units a second; null: not known */
export function progressText(
  { what, unit, done, total }: Progress,
  { seconds, speed }: { seconds: number; speed: number | null },
): string {
  const so_far = `${timeText(seconds)} so far`;
  if (total === null && done === 0) return `${what}: ${so_far}`;
  const amount =
    total === null ? count(done) : `${count(Math.min(done, total))} of ${count(total)}`;
  // Tables differ too much in size for a speed.
  const moves = speed !== null && speed > 0 && unit !== "tables";
  const left = moves && total !== null ? Math.max(0, total - done) / speed : null;
  return [
    `${what}: ${amount} ${unit}`,
    ...(moves ? [`${count(speed)} ${unit}/s`] : []),
    left === null ? so_far : `${timeText(left)} left`,
  ].join(", ");
}

const count = (amount: number): string => Math.floor(amount).toLocaleString("en-US");

function timeText(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
