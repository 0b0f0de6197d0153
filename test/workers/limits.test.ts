/** A rate limit is one for all workers of a node together. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { workplace } from "../cli/cli.ts";
import { post } from "../support/flow.ts";
import { startSupervisor, times } from "./supervisor.ts";

const place = workplace();
after(() => place.remove());

test("what a client has used up by way of one worker is used up by way of the other", async () => {
  const config = { port: 0, rate_limits: { window: 3600, client: 20 } };
  const supervisor = await startSupervisor(place, [
    "--config",
    place.write("config.json", JSON.stringify(config)),
  ]);
  const ask = async () => {
    const { status } = await post(supervisor, "/token", {
      client: supervisor.web,
      grant_type: "nothing",
    });
    return status;
  };
  // Half of them by way of each worker, which by itself would have as many left.
  assert.deepEqual(new Set(await times(20, ask)), new Set([400]));
  await pause(400);
  assert.deepEqual(new Set(await times(10, ask)), new Set([429]));
  await supervisor.running.stop();
});
