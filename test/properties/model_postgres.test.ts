/** The same on PostgreSQL with fewer sequences: only the driver differs. */
import { after, before, test } from "node:test";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { checkModel } from "./check_model.ts";

let postgres: TestPostgres;
before(async () => {
  postgres = await startPostgres();
});
after(() => postgres.stop());

test("on PostgreSQL the server agrees with the model after any sequence of events", async (t) => {
  await checkModel(t, await postgres.newDatabase(), 40);
});
