/** Back-channel logout on two workers of one SQLite: the primary calls the apps. */
import { after, before, test } from "node:test";
import { logoutStories } from "../support/logout_stories.ts";
import type { TestServer } from "../support/server.ts";
import { twoWorkers } from "../support/two_workers.ts";

let server: TestServer;
before(async () => {
  const config = { allow_private_fetch: true, rate_limits: { changes: 0 } };
  server = await twoWorkers(() => {}, config);
});
after(() => server.close());

for (const [sentence, story] of Object.entries(logoutStories)) test(sentence, () => story(server));
