/** Back-channel logout (OpenID Back-Channel Logout): the apps of a session are told when it ends. */
import { after, test } from "node:test";
import { logoutStories } from "../support/logout_stories.ts";
import { testServer } from "../support/server.ts";

const server = await testServer({ allow_private_fetch: true, rate_limits: { changes: 0 } });
after(() => server.close());

for (const [sentence, story] of Object.entries(logoutStories)) test(sentence, () => story(server));
