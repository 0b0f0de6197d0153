/** A rate limit is one for all workers of a node together. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { workplace } from "../cli/cli.ts";
import { post } from "../support/flow.ts";
import { startCrew, times } from "./crew.ts";

const place = workplace();
after(() => place.remove());

test("what a client has used up by way of one worker is used up by way of the other", async () => {
  const config = { port: 0, rate_limits: { window: 3600, client: 20 } };
  const crew = await startCrew(place, [
    "--config",
    place.write("config.json", JSON.stringify(config)),
  ]);
  const ask = async () => {
    const { status } = await post(crew, "/token", { client: crew.web, grant_type: "nothing" });
    return status;
  };
  // Half of them by way of each worker, which by itself would have as many left.
  assert.deepEqual(new Set(await times(20, ask)), new Set([400]));
  await pause(400);
  assert.deepEqual(new Set(await times(10, ask)), new Set([429]));
  await crew.running.stop();
});
