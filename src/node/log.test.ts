import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import fc from "fast-check";
import type { LogFields } from "../context.ts";
import { createLog, gatheredOutput } from "./log.ts";

function logged(json: boolean, event: string, fields: LogFields): string {
  let text = "";
  createLog({ json, write: (line) => (text += line) }).warn(event, fields);
  return stripVTControlCharacters(text);
}

const JWT = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl";

describe("log", () => {
  test("a line of JSON has time, level, event and fields", () => {
    const line = JSON.parse(logged(true, "page refused", { event_id: "e1", status: 404 }));
    const { time, ...rest } = line;
    assert.ok(Math.abs(Date.parse(time) - Date.now()) < 60_000);
    assert.deepEqual(rest, { level: "warn", event: "page refused", event_id: "e1", status: 404 });
  });

  test("the line of a request is the one that pino writes", () => {
    const text = fc.string({ unit: "binary", maxLength: 60 });
    const fields = fc.record(
      {
        event_id: text,
        method: text,
        route: text,
        path: text,
        status: fc.integer(),
        ms: fc.oneof(fc.double(), fc.integer()),
        address: text,
        other: fc.oneof(text, fc.constant(null), fc.object()),
        password: text,
      },
      { requiredKeys: [] },
    );
    const at = (event: string, given: LogFields, worker?: number) => {
      let line = "";
      const options = { json: true, write: (text: string) => (line += text) };
      createLog({ ...options, ...(worker !== undefined && { worker }) }).info(event, given);
      return line.replace(/"time":"[^"]*"/, '"time":""');
    };
    fc.assert(
      fc.property(fields, fc.option(fc.nat(), { nil: undefined }), (given, worker) => {
        // Another event of the same length is written by pino.
        const byPino = at("REQUEST", given, worker);
        const byHand = at("request", given, worker);
        assert.equal(byHand, byPino.replace(/REQUEST"\}\n$/, 'request"}\n'));
      }),
    );
  });

  test("in a terminal, requests are readable lines", () => {
    const request = { event_id: "e1", method: "GET", path: "/jwks", status: 200, ms: 3 };
    assert.match(logged(false, "request", request), /^\d\d:\d\d:\d\d {2}200 {2}GET \/jwks {2}3 ms/);
    assert.match(
      logged(false, "refused", { why: "no luck" }),
      /warn {2}refused {2}why="no luck"\n$/,
    );
  });

  test("an event is one line, whatever it contains", () => {
    for (const json of [true, false]) {
      const text = logged(json, "failed", { why: "first\nsecond\r\x1b[31m" });
      assert.equal(text.match(/[\n\r]/g)?.length, 1);
      // Line ends for some readers, and the start of escape sequences for terminals.
      const odd = logged(json, "failed", { why: "a\u2028b\u2029c\u0085d\u009b31me" });
      assert.doesNotMatch(odd, /[\u007f-\u009f\u2028\u2029]/);
    }
  });

  test("secrets are masked in every field and place", () => {
    const secrets = ["vkc_", "vkr_", "vka_", "vks_", "vki_", "vkm_"].map(
      (prefix) => `${prefix}${"aB3-_x".repeat(9)}`,
    );
    for (const json of [true, false]) {
      for (const secret of [...secrets, JWT]) {
        const text = logged(json, "request", {
          path: `/x/${secret}`,
          why: `saw ${secret}.`,
          ms: 1,
        });
        assert.ok(!text.includes(secret), text);
        assert.ok(!text.includes(secret.slice(-12)), text);
        assert.match(text, /…/);
      }
      const named = { password: "pass-word", cookie: "s=1234", authorization: "Basic abcd" };
      assert.doesNotMatch(logged(json, "odd", named), /pass-word|1234|abcd/);
    }
  });
});

test("the lines of one turn are written together, in order, in pieces that a pipe takes whole", async () => {
  const written: string[] = [];
  const out = gatheredOutput((text) => written.push(text));
  const lines = Array.from({ length: 100 }, (_, i) => `${i} ${"x".repeat(96)}\n`);
  for (const line of lines) out(line);
  await new Promise(setImmediate);
  assert.equal(written.join(""), lines.join(""));
  assert.ok(written.length < 5);
  for (const text of written) assert.ok(text.endsWith("\n") && text.length <= 3000);
  out("one more\n");
  await new Promise(setImmediate);
  assert.equal(written.at(-1), "one more\n");
});

test("pending lines are written when the process ends or dies of an error", () => {
  const file = fileURLToPath(new URL("log.ts", import.meta.url));
  for (const end of ["process.exit(3)", "throw new Error('mistake')"]) {
    const source = `import { gatheredOutput } from ${JSON.stringify(file)};
      gatheredOutput((text) => process.stdout.write(text))("last words\\n"); ${end}`;
    const { stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", source]);
    assert.equal(String(stdout), "last words\n");
  }
});
