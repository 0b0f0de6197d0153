import assert from "node:assert/strict";
import { test } from "node:test";
import { databaseClock } from "./database_clock.ts";

test("the difference to the database's clock is added, in either direction", async () => {
  for (const difference of [0, 7000, -3_600_000]) {
    let local = 1_000_000;
    const clock = databaseClock(
      {
        async readClock() {
          local += 100; // on the way there
          const read = local + difference;
          local += 100; // and back
          return read;
        },
      },
      { wall: () => local, steady: () => local },
    );
    await clock.measure();
    assert.equal(clock.offset(), difference);
    assert.equal(clock.now(), local + difference);
  }
});

test("a missing clock, a slow answer or an error leaves the offset unchanged", async () => {
  let local = 0;
  let read: () => Promise<number | null> = async () => 5000;
  const same = { wall: () => local, steady: () => local };
  const clock = databaseClock({ readClock: () => read() }, same);
  await clock.measure();
  assert.equal(clock.offset(), 5000);
  read = async () => null;
  await clock.measure();
  read = async () => {
    local += 1001;
    return 99_000;
  };
  await clock.measure();
  read = async () => {
    throw new Error("away");
  };
  await assert.rejects(clock.measure(), /away/);
  assert.equal(clock.offset(), 5000);
});

test("a machine whose clock was set, or that slept, still uses the database's time", async () => {
  const difference = 500;
  let [wall, steady, looks] = [1_000_000, 0, 0];
  const store = {
    async readClock() {
      looks += 1;
      return 1_000_000 + steady + difference;
    },
  };
  const clock = databaseClock(store, { wall: () => wall, steady: () => steady });
  await clock.measure();
  for (const step of [3_600_000, -3_600_000, -300_000, 2000]) {
    wall += step + 10;
    steady += 10;
    const before = looks;
    assert.equal(clock.now(), 1_000_000 + steady + difference);
    assert.equal(looks, before + 1, "at once");
    assert.equal(clock.now(), 1_000_000 + steady + difference);
    await clock.measure();
    assert.equal(looks, before + 1, "once only");
    assert.equal(clock.offset(), 1_000_000 + steady + difference - wall);
    assert.equal(clock.now(), 1_000_000 + steady + difference);
    assert.equal(looks, before + 1);
  }
});
