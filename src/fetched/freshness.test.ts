import assert from "node:assert/strict";
import { test } from "node:test";
import { freshFor } from "./freshness.ts";

const NOW = 1_800_000_000;
const BOUNDS = { least: 5, otherwise: 300, most: 3600 };
const at = (seconds: number): string => new Date((NOW + seconds) * 1000).toUTCString();

test("a response is fresh for as long as its sender says, within bounds (RFC 9111 §4.2)", () => {
  for (const [headers, seconds] of [
    [{}, 300],
    [{ "cache-control": "max-age=60" }, 60],
    [{ "cache-control": 'public, MAX-AGE="60", immutable' }, 60],
    [{ "cache-control": "max-age=60", expires: at(1000) }, 60],
    [{ "cache-control": "max-age=60", age: "50" }, 10],
    [{ "cache-control": "max-age=60", age: "500" }, 5],
    [{ "cache-control": "max-age=60", age: "soon" }, 60],
    [{ "cache-control": "max-age=600, max-age=60" }, 60],
    [{ "cache-control": "max-age=0" }, 5],
    [{ "cache-control": "max-age=86400" }, 3600],
    [{ "cache-control": "max-age=99999999999999999999" }, 300],
    [{ "cache-control": "max-age=-1" }, 300],
    [{ "cache-control": "s-maxage=7, private" }, 300],
    [{ "cache-control": "no-store" }, 5],
    [{ "cache-control": "max-age=600, No-Cache" }, 5],
    [{ "cache-control": 'no-cache="set-cookie", max-age=600' }, 5],
    [{ expires: at(90) }, 90],
    // The sender's clock is an hour late.
    [{ expires: at(90 - 3600), date: at(-3600) }, 90],
    [{ expires: "0" }, 5],
    [{ expires: at(-90) }, 5],
  ] satisfies [Record<string, string>, number][]) {
    const given = new Map<string, string>(Object.entries(headers));
    const header = (name: string) => given.get(name);
    assert.equal(freshFor({ header }, BOUNDS, NOW), seconds, JSON.stringify(headers));
  }
});
