import assert from "node:assert/strict";
import { test } from "node:test";
import { type Message, recorder } from "./recorder.ts";

function message(url: string, started: number, more: Partial<Message> = {}): Message {
  const answer = { status: 200, headers: [], body: null, milliseconds: 1 };
  return {
    from: "printly",
    to: "snaps",
    channel: "back",
    method: "GET",
    url,
    headers: [],
    body: null,
    answer,
    started,
    ...more,
  };
}

const told = (record: ReturnType<typeof recorder>): string[] =>
  record
    .chapters()
    .flatMap(({ messages }) => messages.map(({ url, repeated }) => `${url} ${repeated}`));

test("messages stand in the order in which they were sent, whoever was answered first", () => {
  const record = recorder("t");
  record.chapter("one");
  record.add(message("http://as.test/token", 2));
  record.add(message("http://snaps.test/photos", 1));
  assert.deepEqual(told(record), ["http://snaps.test/photos 0", "http://as.test/token 0"]);
});

test("pictures come by the dozen and are told once, refused ones apart", () => {
  const record = recorder("t");
  record.chapter("one");
  for (let i = 0; i < 5; i += 1) record.add(message(`http://snaps.test/photos/${i}.svg`, i));
  const refused = { status: 401, headers: [], body: null, milliseconds: 1 };
  record.add(message("http://snaps.test/photos/6.svg", 9, { answer: refused }));
  assert.deepEqual(told(record), [
    "http://snaps.test/photos/0.svg 4",
    "http://snaps.test/photos/6.svg 0",
  ]);
});

test("a chapter that is read twice is told once, and one without messages not at all", () => {
  const record = recorder("t");
  for (const url of ["http://snaps.test/a", "http://snaps.test/b"]) {
    record.chapter("photos");
    record.add(message(url, 1));
  }
  record.chapter("nothing");
  record.chapter("more");
  record.add(message("http://snaps.test/c", 1));
  assert.deepEqual(
    record.chapters().map(({ title }) => title),
    ["photos", "more"],
  );
  assert.deepEqual(told(record), ["http://snaps.test/b 0", "http://snaps.test/c 0"]);
});

test("a story has an end, however long somebody plays", () => {
  const record = recorder("t");
  for (let i = 0; i < 100; i += 1) {
    record.chapter(`chapter ${i}`);
    for (let k = 0; k < 100; k += 1) record.add(message(`http://as.test/${k}`, k));
  }
  assert.equal(record.chapters().length, 12);
  assert.ok(record.chapters().every(({ messages }) => messages.length <= 60));
});

test("a message is told once, also when it comes from another site again", () => {
  const record = recorder("t");
  record.chapter("one");
  const keys = message("http://as.test/jwks", 1);
  record.add(keys);
  record.chapter("two");
  record.add(keys);
  record.add(message("http://as.test/jwks", 2));
  assert.deepEqual(told(record), ["http://as.test/jwks 0", "http://as.test/jwks 0"]);
});

test("a story that begins again knows what was asked before it", () => {
  const record = recorder("t");
  record.chapter("old");
  record.add(message("http://as.test/old", 1));
  const before = message("http://as.test/jwks", performance.now());
  record.chapter("new");
  record.add(before);
  record.add(message("http://as.test/token", performance.now()));
  record.restart();
  const messages = record.chapters().flatMap((chapter) => chapter.messages);
  assert.deepEqual(
    messages.map(({ url, earlier }) => `${url} ${earlier}`),
    ["http://as.test/jwks true", "http://as.test/token false"],
  );
});
