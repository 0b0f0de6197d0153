import assert from "node:assert/strict";
import { test } from "node:test";
import { viewIn } from "../../test/support/view.ts";
import { ago, day, duration, moment } from "./dates.ts";
import { render } from "./html.ts";

const now = Date.UTC(2026, 2, 12, 0, 30) / 1000;
const view = (tag: string) => viewIn(tag, now);
const words = (element: string) => element.replaceAll(/<[^>]*>/g, "");

test("days are in the page's language, with the exact time for machines", () => {
  assert.equal(
    render(day(now, view("en"))),
    '<time datetime="2026-03-12T00:30:00.000Z">12 March 2026</time>',
  );
  assert.equal(words(render(day(now, view("de")))), "12. März 2026");
  assert.equal(words(render(moment(now, view("en")))), "12 March 2026 at 00:30 UTC");
});

test("people 7: a recorded use may be a day old, so no page claims one calendar day", () => {
  const table: [number, string][] = [
    [0, "today or yesterday"],
    [86_399, "today or yesterday"],
    [-3600, "today or yesterday"],
    [86_400, "1 day ago"],
    [86_400 * 3, "3 days ago"],
    [86_400 * 13, "13 days ago"],
    [86_400 * 14, "26 February 2026"],
  ];
  for (const [earlier, expected] of table)
    assert.equal(words(render(ago(now - earlier, view("en")))), expected);
  assert.equal(words(render(ago(now - 86_400, view("de")))), "vor 1 Tag");
  assert.equal(words(render(ago(now, view("de")))), "heute oder gestern");
});

test("waiting times are rounded up, so that a retry is never too early", () => {
  const table: [number, string][] = [
    [0, "1 second"],
    [1, "1 second"],
    [30, "30 seconds"],
    [89.2, "90 seconds"],
    [91, "2 minutes"],
    [3600, "60 minutes"],
    [5400, "2 hours"],
    [86_400, "24 hours"],
    [86_400 * 2, "2 days"],
  ];
  for (const [seconds, expected] of table) assert.equal(duration(seconds, view("en")), expected);
  assert.equal(duration(32, view("de")), "32 Sekunden");
});
