/**
 * The chart of requests a second, drawn from the table of the report, so that both hold the same figures.
 * `node tools/bench/chart.ts` draws docs/images/speed.svg from docs/performance.md.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { SCENARIOS } from "./scenarios.ts";

/** Columns of the table, and how the chart names them. */
const SERIES = [
  { column: "Valetkey, SQLite", name: "Valetkey, SQLite" },
  { column: "Valetkey, PostgreSQL", name: "Valetkey, PostgreSQL" },
  { column: "oidc-provider", name: "oidc-provider, in memory" },
] as const;
/** Static documents are answered so much faster that the other bars could not be compared. */
const LEFT_OUT: readonly string[] = [
  ...["metadata", "jwks", "jwks_unchanged", "ended", "ended_unchanged"],
];
const ROWS: readonly string[] = SCENARIOS.filter(({ name }) => !LEFT_OUT.includes(name)).map(
  ({ title }) => title,
);

export interface Figure {
  row: string;
  /** Index of the series. */
  series: number;
  requests_per_second: number;
}

/** The figures of the chart, from the table of requests in a Markdown text. */
export function figuresOf(markdown: string): Figure[] {
  const [head, ...rows] = tableAfter("Requests", markdown);
  return rows
    .filter(([title = ""]) => ROWS.includes(title))
    .flatMap((cells) =>
      SERIES.flatMap(({ column }, series) => {
        const cell = cells[head?.indexOf(column) ?? -1] ?? "";
        const [rate] = /^\d+/.exec(cell) ?? [];
        return rate ? [{ row: cells[0] ?? "", series, requests_per_second: Number(rate) }] : [];
      }),
    );
}

/** The cells of the first table below a heading, without the rule. */
function tableAfter(heading: string, markdown: string): string[][] {
  const lines = markdown.split("\n");
  const start = lines.findIndex((line) => new RegExp(`^#+ ${heading}$`).test(line));
  const below = start < 0 ? [] : lines.slice(start + 1);
  const first = below.findIndex((line) => line.startsWith("|"));
  const end = below.findIndex((line, i) => i > first && !line.startsWith("|"));
  return below
    .slice(first, end < 0 ? undefined : end)
    .map((line) => line.split("|").slice(1, -1))
    .map((cells) => cells.map((cell) => cell.trim()))
    .filter(([cell = ""]) => !/^:?-+:?$/.test(cell));
}

const WIDTH = 760;
const LEFT = 250;
const LONGEST = 400;
const BAR = 13;
const BETWEEN = 12;
const TOP = 76;

/** An SVG for light and dark; null: there is nothing to draw. */
export function chartOf(markdown: string): string | null {
  const figures = figuresOf(markdown);
  if (figures.length === 0) return null;
  const most = Math.max(...figures.map((figure) => figure.requests_per_second));
  const groups = ROWS.map((row) => figures.filter((figure) => figure.row === row)).filter(
    (group) => group.length > 0,
  );
  let y = TOP;
  const drawn = groups.map((group) => {
    const text = groupAt(y, group, most);
    y += group.length * (BAR + 2) + BETWEEN;
    return text;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" width="${WIDTH}" height="${y}" role="img" aria-labelledby="title description">
<title id="title">Requests a second, with one core for the server</title>
<desc id="description">${description(groups)}</desc>
<style>${STYLE}</style>
<rect class="ground" x="0.5" y="0.5" width="${WIDTH - 1}" height="${y - 1}" rx="8"/>
<text class="heading" x="20" y="30">Requests a second, with one core for the server</text>
${legend(figures)}
${drawn.join("\n")}
</svg>
`;
}

const STYLE = `
svg{color-scheme:light dark;font:12px system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
text{fill:#1d2023}
.ground{fill:#fff;stroke:#e0e1dd}
.heading{font-size:15px;font-weight:600}
.row{text-anchor:end}
.rate{fill:#5b6166}
.s0{fill:#00694b}.s1{fill:#4a9c82}.s2{fill:#868c90}
@media (prefers-color-scheme:dark){
text{fill:#ecedeb}.ground{fill:#1c1e20;stroke:#33373a}.rate{fill:#a4aaae}
.s0{fill:#5fd0a5}.s1{fill:#3b8f73}.s2{fill:#767d82}
}
`;

function legend(figures: readonly Figure[]): string {
  const used = SERIES.map(({ name }, series) => ({ name, series })).filter(({ series }) =>
    figures.some((figure) => figure.series === series),
  );
  return used
    .map(
      ({ name, series }, i) =>
        `<rect class="s${series}" x="${20 + i * 190}" y="45" width="12" height="12" rx="2"/>
<text x="${38 + i * 190}" y="55">${name}</text>`,
    )
    .join("\n");
}

function groupAt(y: number, group: readonly Figure[], most: number): string {
  const middle = y + (group.length * (BAR + 2)) / 2 + 3;
  const bars = group.map(({ row, series, requests_per_second: rate }, i) => {
    const top = y + i * (BAR + 2);
    const width = Math.max(1, Math.round((rate / most) * LONGEST * 10) / 10);
    return `<rect class="s${series}" x="${LEFT + 10}" y="${top}" width="${width}" height="${BAR}" rx="2" data-row="${escaped(row)}" data-series="${SERIES[series]?.column}" data-rate="${rate}"/>
<text class="rate" x="${LEFT + 16 + width}" y="${top + BAR - 3}">${shown(rate)}</text>`;
  });
  return `<text class="row" x="${LEFT}" y="${middle}">${label(group[0]?.row ?? "")}</text>
${bars.join("\n")}`;
}

function description(groups: readonly (readonly Figure[])[]): string {
  const sentences = groups.map((group) => {
    const rates = group.map(
      ({ series, requests_per_second }) => `${SERIES[series]?.name} ${shown(requests_per_second)}`,
    );
    return `${label(group[0]?.row ?? "")}: ${rates.join("; ")}.`;
  });
  return sentences.join(" ");
}

/** Without the note on the database, and with a real arrow. */
const label = (row: string): string =>
  escaped(row.replace(/ \([^)]*\)$/, "").replaceAll("->", "→"));
const shown = (rate: number): string => rate.toLocaleString("en-US");
const escaped = (text: string): string =>
  text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");

if (import.meta.main) {
  const chart = chartOf(readFileSync("docs/performance.md", "utf8"));
  if (chart === null) throw new Error("docs/performance.md has no table of requests");
  writeFileSync("docs/images/speed.svg", chart);
}
