import assert from "node:assert/strict";
import { test } from "node:test";
import { placeIn, placeOf, withPlace } from "./place.ts";

test("the place of a person never changes, and an id carries it", () => {
  // Databases contain these numbers, so they may never change.
  assert.deepEqual(["ada", "eve", "", "é"].map(placeOf), [32238, 1318, 25520, 19097]);
  for (const sub of ["ada", "eve", "0193e2a0-0000-7000-8000-000000000000"]) {
    const id = withPlace("0193e2a0", sub);
    assert.equal(placeIn(id), placeOf(sub));
    assert.match(id, /^0193e2a0[0-7][0-9a-f]{3}$/);
  }
});

test("people are spread evenly over the places", () => {
  const places = Array.from({ length: 2000 }, (_, i) => placeOf(`person ${i}`));
  const low = places.filter((place) => place < 0x4000).length;
  assert.ok(low > 900 && low < 1100, String(low));
});

test("an id without a place gives one that no row has", () => {
  for (const id of ["", "0000", "x", "idffff", "id8000", "id12G4", "id-123", "0193e2a01A2b"])
    assert.equal(placeIn(id), -1, id);
});
