/** The main stories on two workers of one SQLite, of which each answers every other request. */
import { after, before, test } from "node:test";
import type { TestServer } from "../support/server.ts";
import { stories } from "../support/stories.ts";
import { twoWorkers } from "../support/two_workers.ts";

let server: TestServer;
before(async () => {
  server = await twoWorkers();
});
after(() => server.close());

for (const [sentence, story] of Object.entries(stories)) test(sentence, () => story(server));
