/** Attacks on mailed codes: enumeration, by statements, sizes and time of work. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { randomText, sha256 } from "../../src/crypto/hash.ts";
import { testBrowser } from "../support/browser.ts";
import { addVerified, codeIn, inbox } from "../support/inbox.ts";
import { startPostgres } from "../support/postgres.ts";
import { testServer } from "../support/server.ts";

const postgres = await startPostgres();
after(() => postgres.stop());
/** The server runs these by itself, beside requests. */
const BACKGROUND = /^(?:sweep|list|note|leaseJobs|addSigningKey|readState|readClock|storeSubject)/;
const DATABASES = {
  SQLite: async () => "sqlite::memory:",
  PostgreSQL: () => postgres.newDatabase(),
};

/** Each page, and the mails that two known and unknown addresses get after two questions each. */
const PAGES = { "/sign-in/code": 2, "/sign-up": 4 };
const CASES = Object.entries(DATABASES).flatMap(([name, database]) =>
  Object.entries(PAGES).map(([path, mails]) => ({ name, database, path, mails })),
);

for (const { name, database, path, mails } of CASES)
  test(`known and unknown addresses take the same statements and the same answers (${path}, ${name})`, async () => {
    const post = inbox();
    const operations: string[] = [];
    const watch = (operation: string) => {
      if (!BACKGROUND.test(operation)) operations.push(operation);
      return null;
    };
    const runtime = { store_watches: [watch], secret: randomText(32) };
    const config = { sign_up: true, mail: post.mail, database: await database() };
    await using server = await testServer(config, runtime);
    await addVerified(server, "ada");
    const seen = await Promise.all(
      ["ada@example.org", "bob@example.org"].map(async (email, i) => {
        const browser = testBrowser(server, { address: `192.0.2.${i}` });
        return { email, browser, page: await browser.get(path) };
      }),
    );
    const answers = [];
    for (const { email, browser, page } of seen) {
      const steps: unknown[] = [];
      const step = async (fields: Record<string, string>, intent: string) => {
        operations.length = 0;
        const form = { action: path, having: { intent } };
        const answer = await browser.submit(steps.length === 0 ? page : last, fields, form);
        const ran = [...operations];
        // The mail is written after the answer has left.
        await post.settle(server);
        const shown = answer.html.replaceAll(email, "EMAIL").replaceAll(/value="[^"]*"/g, "");
        const page_hash = sha256(shown.replaceAll(/href="[^"]*"/g, ""));
        steps.push([answer.status, ran, page_hash]);
        steps.push(answer.url.href.length);
        return answer;
      };
      let last = page;
      last = await step({ email }, "send");
      for (let i = 0; i < 6; i += 1) last = await step({ code: "x" }, "code");
      server.advance(40);
      last = await step({}, "send");
      answers.push(steps);
    }
    assert.deepEqual(answers[0], answers[1]);
    assert.equal(post.mails.length, mails);
    const codes = post.mails.filter((mail) => codeIn(mail) !== "").map(({ to }) => to);
    const only = path === "/sign-up" ? "bob@example.org" : "ada@example.org";
    assert.deepEqual(codes, [only, only], "and yet only one of them gets a code");
  });
