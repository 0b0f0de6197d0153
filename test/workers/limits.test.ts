/** All workers of a node share one rate limit. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { workplace } from "../cli/cli.ts";
import { post } from "../support/flow.ts";
import { startSupervisor, times } from "./supervisor.ts";

const place = workplace();
after(() => place.remove());

test("quota used up through one worker is used up at the other", async () => {
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
  // Half of the requests go to each worker; a limit per worker would leave as many.
  assert.deepEqual(new Set(await times(20, ask)), new Set([400]));
  await pause(400);
  assert.deepEqual(new Set(await times(10, ask)), new Set([429]));
  await supervisor.running.stop();
});
