/** The same on PostgreSQL, in fewer sequences: what differs is one driver. */
import { after, before, test } from "node:test";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { checkModel } from "./check_model.ts";

let postgres: TestPostgres;
before(async () => {
  postgres = await startPostgres();
});
after(() => postgres.stop());

test("on PostgreSQL the server does what the model says, whatever happens in whatever order", async (t) => {
  await checkModel(t, await postgres.newDatabase(), 40);
});
