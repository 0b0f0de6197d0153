/** After any sequence of events the server agrees with the model. `TEST_RUNS=2000 TEST_SEED=7 npm test -- test/properties`. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { checkModel } from "./check_model.ts";

test("on SQLite the server agrees with the model after any sequence of events", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "valetkey-model-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  await checkModel(t, `sqlite:${join(folder, "database.sqlite")}`, 150);
});
