/** The stories of apps that register themselves, on SQLite. */
import { after, test } from "node:test";
import { OPEN, registrationStories } from "../support/registration.ts";
import { testServer } from "../support/server.ts";

const server = await testServer(OPEN);
after(() => server.close());
for (const [sentence, story] of Object.entries(registrationStories))
  test(sentence, () => story(server));
