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
  // Of what is asked at once, each worker lets through what is left as it knows it.
  const first = await times(40, ask);
  const let_through = first.filter((status) => status === 400).length;
  assert.ok(let_through >= 20 && let_through <= 40, `${let_through}`);
  await pause(400);
  assert.deepEqual(new Set(await times(10, ask)), new Set([429]));
  await crew.running.stop();
});
