/** The only way in which a measured time decides a test: long inputs against short ones, repeated before it fails. */
import assert from "node:assert/strict";

/** Three doublings: linear work takes 8 times as long, quadratic work 64 times. */
const GROWTH = 8;
const BOUND = 3 * GROWTH;
/** Milliseconds below which a time says nothing. */
const NOISE = 5;
const ROUNDS = 5;

/**
 * Checks that `work` takes linear time: `size` costs at most `BOUND` times as much as an eighth of it. Other processes
 * may use the processor meanwhile, so the fastest of several runs counts, and only `ROUNDS` slow runs are a failure.
 *
 * @param work handles an input of this size; errors that it throws fail the test
 */
export async function assertLinearTime(
  work: (size: number) => unknown,
  { size, name = "" }: { size: number; name?: string },
): Promise<void> {
  const time = async (length: number): Promise<number> => {
    const start = performance.now();
    await work(length);
    return performance.now() - start;
  };
  const short = size / GROWTH;
  const small = Math.min(await time(short), await time(short), await time(short));
  let large = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round += 1) {
    large = Math.min(large, await time(size));
    if (large < BOUND * Math.max(small, NOISE)) return;
  }
  assert.fail(`${name} ${short}: ${small} ms, ${size}: ${large} ms`);
}
