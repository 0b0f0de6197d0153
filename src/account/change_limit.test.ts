import assert from "node:assert/strict";
import { after, test } from "node:test";
import { contextOf, START, testServer } from "../../test/support/server.ts";
import { countChange } from "./change_limit.ts";

const server = await testServer();
after(() => server.close());

/** Whether this person, from this address, may change something. */
async function may(sub: string, address: string, now = START): Promise<boolean> {
  try {
    await countChange(
      sub,
      { address } as Parameters<typeof countChange>[1],
      contextOf(server, now),
    );
    return true;
  } catch (error) {
    assert.ok(error instanceof Error && "status" in error && error.status === 429, String(error));
    assert.ok("retry_after" in error && Number(error.retry_after) > 0);
    return false;
  }
}

test("a person may make 60 changes a minute from any network, without limiting others", async () => {
  for (let i = 0; i < 60; i += 1) assert.equal(await may("ada", `192.0.2.${i}`), true);
  assert.equal(await may("ada", "192.0.2.99"), false);
  assert.equal(await may("eve", "192.0.2.99"), true);
  assert.equal(await may("ada", "192.0.2.99", START + 61), true);
});

test("a network may make 600 changes a minute, over all its people", async () => {
  const from = (i: number) => `2001:db8:1:2::${i.toString(16)}`;
  for (let i = 0; i < 600; i += 1) assert.equal(await may(`person ${i % 20}`, from(i)), true);
  assert.equal(await may("another", from(601)), false);
  assert.equal(await may("another", "2001:db8:1:3::1"), true);
});
