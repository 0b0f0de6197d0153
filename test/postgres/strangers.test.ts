/** Clients written by others, over a real connection, on PostgreSQL. */
import { after, before, describe } from "node:test";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { tell } from "../support/strangers/place.ts";
import { strangerStories } from "../support/strangers/stories.ts";
import { SECRET } from "../support/two_nodes.ts";
import { webServer } from "../support/web.ts";

let postgres: TestPostgres;
before(async () => {
  postgres = await startPostgres();
});
after(() => postgres.stop());

describe("PostgreSQL", () =>
  tell(strangerStories, async (config) => {
    const database = await postgres.newDatabase();
    return webServer({ ...config, database }, { runtime: { secret: SECRET } });
  }));
