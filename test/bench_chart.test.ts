/** people 21: the chart of the speed shows the figures of the tables, in the repository and after a run. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { chartOf } from "../tools/bench/chart.ts";

const chart = readFileSync("docs/images/speed.svg", "utf8");
const performance_page = readFileSync("docs/performance.md", "utf8");
const SERIES = ["Valetkey, SQLite", "Valetkey, PostgreSQL", "oidc-provider"];

/** `row / series` -> the figure of each bar. */
function barsOf(svg: string): Map<string, { rate: number; width: number }> {
  const bars = svg.matchAll(
    /<rect [^>]*width="([\d.]+)"[^>]* data-row="([^"]*)" data-series="([^"]*)" data-rate="(\d+)"/g,
  );
  return new Map(
    [...bars].map(([, width, row = "", series, rate]) => [
      `${row.replace("&gt;", ">")} / ${series}`,
      { rate: Number(rate), width: Number(width) },
    ]),
  );
}

/** The same from the cells of a Markdown table, which this test reads in its own way. */
function cellsOf(markdown: string, rowOf: (title: string) => string | null): Map<string, number> {
  const rows = markdown.split("\n").filter((line) => line.startsWith("| "));
  const head = (rows.find((line) => /requests a second/.test(line)) ?? "").split("|");
  const cells = new Map<string, number>();
  for (const line of rows.slice(rows.findIndex((row) => row.split("|")[1] === head[1]) + 1)) {
    const [, title = "", ...rest] = line.split("|").map((cell) => cell.trim());
    const row = rowOf(title);
    for (const series of SERIES) {
      const column = head.findIndex((cell) => cell.trim().startsWith(series));
      const [rate] = /^[\d,]+/.exec(rest[column - 2] ?? "") ?? [];
      if (row !== null && rate && !cells.has(`${row} / ${series}`))
        cells.set(`${row} / ${series}`, Number(rate.replace(",", "")));
    }
  }
  return cells;
}

const SHOWN = /^(client_credentials|session|code|refresh|introspection)/;
const ratesOf = (svg: string) => new Map([...barsOf(svg)].map(([name, { rate }]) => [name, rate]));
const sorted = (figures: Map<string, number>) => [...figures].sort(([a], [b]) => (a < b ? -1 : 1));

test("people 21: each bar is a figure of docs/performance.md, and each figure has its bar", () => {
  const [requests = ""] = /## Requests\n[\s\S]*?(?=\n## )/.exec(performance_page) ?? [];
  const cells = cellsOf(requests, (title) => (SHOWN.test(title) ? title : null));
  assert.equal(cells.size, 24);
  assert.deepEqual(sorted(ratesOf(chart)), sorted(cells));
  assert.equal(chartOf(performance_page), chart, "node tools/bench/chart.ts draws it again");
});

/** README names some rows otherwise, for readers who know no scenarios. */
const README_ROWS: Readonly<Record<string, string>> = {
  "client_credentials, JWT": "client_credentials, JWT",
  "client_credentials, opaque token": "client_credentials, opaque token",
  "session to code": "session -> code (commit)",
  "code to tokens, ES256 ID token": "code -> tokens, ES256 ID token (commit)",
  "code to tokens, RS256 ID token": "code -> tokens, RS256 ID token (commit)",
  "refresh, confidential app": "refresh, confidential (read)",
  "refresh with rotation, public app": "refresh, public: rotation (commit)",
  "introspection of a JWT": "introspection of a JWT",
  "introspection of an opaque token": "introspection of an opaque token",
};

test("people 21: the table of README has the figures of its chart", () => {
  const readme = readFileSync("README.md", "utf8");
  assert.match(readme, /<img src="docs\/images\/speed\.svg" alt="[^"]{40,}"/);
  const cells = cellsOf(readme, (title) => README_ROWS[title] ?? null);
  assert.deepEqual(sorted(ratesOf(chart)), sorted(cells));
});

test("people 21: bars are as long as their figures, which are also text for people who see no bars", () => {
  const bars = [...barsOf(chart).values()];
  const most = bars.reduce((a, b) => (a.rate > b.rate ? a : b));
  for (const { rate, width } of bars)
    assert.ok(Math.abs(width / most.width - rate / most.rate) < 0.001, `${rate}`);
  assert.match(chart, /role="img" aria-labelledby="title description"/);
  assert.match(chart, /<title id="title">Requests a second/);
  const [, description = ""] = /<desc id="description">([^<]*)</.exec(chart) ?? [];
  for (const { rate } of bars) assert.ok(description.includes(rate.toLocaleString("en-US")));
  assert.match(chart, /prefers-color-scheme:dark/);
});

test("people 21: a run of the benchmark draws the figures that it prints", () => {
  const folder = mkdtempSync(join(tmpdir(), "valetkey-chart-"));
  const file = join(folder, "speed.svg");
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [
      ...["tools/bench/run.ts", "--quick", "--seconds", "0.03", "--grants", "0"],
      ...["--with", "valetkey", "--only", "client_credentials", "--only", "authorize"],
      ...["--chart", file],
    ],
    { encoding: "utf8", timeout: 60_000 },
  );
  assert.equal(status, 0, stderr);
  const cells = cellsOf(stdout, (title) =>
    SHOWN.test(title) && !title.includes(": ") ? title : null,
  );
  assert.equal(cells.size, 2, stdout);
  assert.deepEqual(sorted(ratesOf(readFileSync(file, "utf8"))), sorted(cells));
  rmSync(folder, { recursive: true });
});

test("people 21: a report without these requests has no chart", () => {
  assert.equal(chartOf("### Sign-ins\n\n| a | b |\n| - | - |\n| c | 1 |"), null);
});
