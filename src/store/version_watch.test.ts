import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { StoreState } from "./store.ts";
import { versionWatch } from "./version_watch.ts";

describe("version watch", () => {
  function setup() {
    let state: StoreState = {
      epoch: 1,
      versions: { clients: 1, people: 1, keys: 1 },
      secrets: {},
      access_token_lives: {},
    };
    let elapsed = 0;
    let away = false;
    const changes: (readonly string[])[] = [];
    const watch = versionWatch(
      {
        async readState() {
          if (away) throw new Error("the database is gone");
          return state;
        },
      },
      () => elapsed,
      (kinds) => changes.push(kinds),
    );
    return {
      watch,
      changes,
      is: (given: StoreState) => {
        state = given;
      },
      pass: (seconds: number) => {
        elapsed += seconds * 1000;
      },
      setAway: (is: boolean) => {
        away = is;
      },
    };
  }

  test("reports which kinds have changed since the last read", async () => {
    const { watch, changes, is, pass } = setup();
    await watch.state();
    is({
      epoch: 1,
      versions: { clients: 2, people: 1, keys: 1 },
      secrets: {},
      access_token_lives: {},
    });
    pass(1);
    await watch.state();
    pass(1);
    await watch.state();
    assert.deepEqual(changes, [["clients", "people", "keys"], ["clients"], []]);
  });

  test("with another epoch everything has changed", async () => {
    const { watch, changes, is, pass } = setup();
    await watch.state();
    is({
      epoch: 2,
      versions: { clients: 1, people: 1, keys: 1 },
      secrets: {},
      access_token_lives: {},
    });
    pass(1);
    assert.equal((await watch.state()).epoch, 2);
    assert.deepEqual(changes.at(-1), ["clients", "people", "keys"]);
  });

  test("reports for how long the versions have not been read", async () => {
    const { watch, pass, setAway } = setup();
    assert.equal(watch.staleFor(), Number.POSITIVE_INFINITY);
    await watch.state();
    assert.equal(watch.staleFor(), 0);
    pass(7);
    assert.equal(watch.staleFor(), 7);
    watch.lookSoon();
    assert.equal(watch.staleFor(), 7);
    setAway(true);
    await watch.state();
    pass(3);
    await watch.state();
    assert.equal(watch.staleFor(), 10);
    setAway(false);
    await watch.state();
    assert.equal(watch.staleFor(), 0);
  });

  test("the age of a read counts from its beginning", async () => {
    let elapsed = 0;
    const state: StoreState = {
      epoch: 1,
      versions: { clients: 1, people: 1, keys: 1 },
      secrets: {},
      access_token_lives: {},
    };
    const slow = async () => {
      elapsed += 3000;
      return state;
    };
    const watch = versionWatch(
      { readState: slow },
      () => elapsed,
      () => {},
    );
    await watch.state();
    assert.equal(watch.staleFor(), 3);
  });
});
