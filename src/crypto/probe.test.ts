import assert from "node:assert/strict";
import { test } from "node:test";
import { isGenuineProbe, makeProbe } from "./probe.ts";
import { serverSecrets } from "./server_secret.ts";

const [ONE = "", OTHER = ""] = [1, 2].map((byte) => Buffer.alloc(32, byte).toString("base64url"));
const secrets = serverSecrets(ONE);
const NOW = 1_800_000_000;

test("a probe is valid for five minutes, made with the current or an earlier secret", () => {
  const probe = makeProbe(secrets, NOW);
  for (const [now, holds] of [
    [NOW, true],
    [NOW + 300, true],
    [NOW - 300, true],
    [NOW + 301, false],
    [NOW - 301, false],
  ] as const)
    assert.equal(isGenuineProbe(probe, { secrets, now }), holds, `${now - NOW}`);
  assert.ok(
    isGenuineProbe(probe, { secrets: serverSecrets(OTHER, { previous: [ONE] }), now: NOW }),
  );
  assert.ok(!isGenuineProbe(probe, { secrets: serverSecrets(OTHER), now: NOW }));
});

test("a forged probe is refused", () => {
  const probe = makeProbe(secrets, NOW);
  const [id = "", time = "", mac = ""] = probe.split(".");
  for (const text of ["", ".", "..", `${id}.${time}`, `${id}.${time}.`, `${probe}.`, `${probe}=`])
    assert.ok(!isGenuineProbe(text, { secrets, now: NOW }), text);
  assert.ok(!isGenuineProbe(`${id}.${NOW + 1}.${mac}`, { secrets, now: NOW }));
  assert.ok(!isGenuineProbe(`${id}.0${time}.${mac}`, { secrets, now: NOW }));
});
