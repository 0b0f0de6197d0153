/** The main stories on SQLite; test/postgres runs the same ones. */
import { after, test } from "node:test";
import { testServer } from "../support/server.ts";
import { stories } from "../support/stories.ts";

const server = await testServer();
after(() => server.close());

for (const [sentence, story] of Object.entries(stories)) test(sentence, () => story(server));
