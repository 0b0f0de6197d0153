/** The server takes its time from the database. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { decodeJwt } from "jose";
import { createAuthorizationServer } from "../../src/authorization_server.ts";
import { parseConfig } from "../../src/config.ts";
import { sqlStore } from "../../src/store/sql/store.ts";
import { sqliteDriver } from "../../src/store/sqlite/driver.ts";
import { post } from "../support/flow.ts";
import { CONFIG } from "../support/server.ts";

test("the server uses the database's time, and warns if its own differs by more than 5 s", async () => {
  const { lifetimes } = parseConfig({});
  const store = sqlStore(sqliteDriver(":memory:"), lifetimes);
  const lines: string[] = [];
  const quiet = () => {};
  const secret = Buffer.alloc(32, 9).toString("base64url");
  const log = { info: quiet, error: quiet, warn: (event: string) => lines.push(event) };
  const off = { ...store, readClock: async () => Date.now() + 3_600_000 };
  const server = createAuthorizationServer(CONFIG, { secret, store: off, log });
  try {
    const { client_id, client_secret } = await server.registerClient({
      client_name: "Nightly job",
      redirect_uris: [],
      response_types: [],
      grant_types: ["client_credentials"],
    });
    const record = (await store.findClient(client_id)) ?? assert.fail();
    const { body } = await post(server, "/token", {
      client: { client_id, client_secret: client_secret ?? "", record },
      grant_type: "client_credentials",
    });
    const { iat = 0 } = decodeJwt(body.access_token);
    assert.ok(
      Math.abs(iat - (Date.now() / 1000 + 3600)) < 600,
      "an hour ahead, as the database says",
    );
    for (let i = 0; i < 40 && !lines.includes("clock is off"); i += 1) await sleep(25);
    assert.deepEqual(
      lines.filter((event) => event !== "no address"),
      ["clock is off"],
    );
  } finally {
    await server.close();
  }
});
