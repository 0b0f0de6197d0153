import assert from "node:assert/strict";
import { test } from "node:test";
import type { Progress } from "../store/progress.ts";
import { progressText, withProgress } from "./progress.ts";

const rows = (done: number, total: number | null = 4_000_000): Progress => ({
  what: "copying consent",
  unit: "rows",
  done,
  total,
});

test("the text says what is done, how fast, and how long it will take", () => {
  const tables = { what: "distributing grant", unit: "tables", done: 3, total: 8 } as const;
  for (const [progress, timing, expected] of [
    [
      rows(1_203_400.7),
      { seconds: 60, speed: 21_300.4 },
      "copying consent: 1,203,400 of 4,000,000 rows, 21,300 rows/s, 3 min left",
    ],
    [rows(0), { seconds: 0.2, speed: null }, "copying consent: 0 of 4,000,000 rows, 1 s so far"],
    [rows(5, 10), { seconds: 3, speed: 0 }, "copying consent: 5 of 10 rows, 3 s so far"],
    [rows(12, 10), { seconds: 3, speed: 4 }, "copying consent: 10 of 10 rows, 4 rows/s, 0 s left"],
    [
      rows(1, 360_001),
      { seconds: 1, speed: 25 },
      "copying consent: 1 of 360,001 rows, 25 rows/s, 4 h 0 min left",
    ],
    [rows(0, null), { seconds: 95, speed: null }, "copying consent: 2 min so far"],
    [
      rows(700, null),
      { seconds: 7, speed: 100 },
      "copying consent: 700 rows, 100 rows/s, 7 s so far",
    ],
    [tables, { seconds: 400, speed: 0.01 }, "distributing grant: 3 of 8 tables, 7 min so far"],
  ] as const)
    assert.equal(progressText(progress, timing), expected);
});

/** A stream that keeps what is written, and a clock that the test moves. */
function scene(isTTY: boolean, columns = 200) {
  const written: string[] = [];
  let time = 5000;
  return {
    written,
    options: {
      stream: { isTTY, columns, write: (text: string) => written.push(text) },
      clock: () => time,
    },
    pass(milliseconds: number) {
      time += milliseconds;
    },
  };
}

test("elsewhere than on a terminal there is a line each interval, and none before the first", async () => {
  const { written, options, pass } = scene(false);
  const result = await withProgress(
    async (watch) => {
      for (let done = 0; done <= 60; done += 1) {
        watch(rows(done, 60));
        pass(500);
      }
      return "copied";
    },
    {},
    options,
  );
  assert.equal(result, "copied");
  assert.deepEqual(written, [
    "copying consent: 20 of 60 rows, 2 rows/s, 20 s left\n",
    "copying consent: 40 of 60 rows, 2 rows/s, 10 s left\n",
    "copying consent: 60 of 60 rows, 2 rows/s, 0 s left\n",
  ]);
});

test("on a terminal one line is drawn again and again, no wider than it, and cleared at the end", async () => {
  const { written, options, pass } = scene(true, 20);
  await withProgress(
    async (watch) => {
      for (let done = 0; done < 10; done += 1) {
        watch(rows(done, 10));
        pass(50);
      }
    },
    {},
    options,
  );
  assert.equal(written.length, 6, "at most ten times a second");
  for (const text of written.slice(0, -1)) assert.match(text, /^.\[K[^\r\n]{1,19}\r$/);
  assert.equal(written.at(-1), "\x1b[K");
});

test("work that never reports prints nothing; work that fails leaves the line clear", async () => {
  const silent = scene(true);
  await withProgress(async () => {}, {}, silent.options);
  assert.deepEqual(silent.written, []);
  const failing = scene(true);
  const failed = withProgress(
    async (watch) => {
      watch(rows(1));
      throw new Error("cut off");
    },
    {},
    failing.options,
  );
  await assert.rejects(failed, /cut off/);
  assert.equal(failing.written.at(-1), "\x1b[K");
});

test("with --json nothing is said, unless a person watches on a terminal", async () => {
  for (const [isTTY, lines] of [
    [false, 0],
    [true, 2],
  ] as const) {
    const { written, options, pass } = scene(isTTY);
    const work = async (watch: (progress: Progress) => void) => {
      pass(20_000);
      watch(rows(1));
    };
    await withProgress(work, { json: true }, options);
    assert.equal(written.length, lines);
  }
});

test("the speed is that of the last half minute, since resumed work skips much at first", async () => {
  const { written, options, pass } = scene(false);
  await withProgress(
    async (watch) => {
      watch(rows(0));
      pass(1000);
      watch(rows(1_000_000));
      for (let second = 1; second <= 100; second += 1) {
        pass(1000);
        watch(rows(1_000_000 + second));
      }
    },
    {},
    options,
  );
  assert.match(written.at(-1) ?? "", /, 1 rows\/s, /);
});
