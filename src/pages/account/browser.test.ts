import assert from "node:assert/strict";
import { test } from "node:test";
import { describeBrowser } from "./browser.ts";

const webkit = "AppleWebKit/537.36 (KHTML, like Gecko)";

test("browsers and systems have their common names", () => {
  const table: [string, string | null, string | null][] = [
    [
      `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${webkit} Chrome/140.0.0.0 Safari/537.36`,
      "Chrome",
      "Windows",
    ],
    [
      `Mozilla/5.0 (Windows NT 10.0) ${webkit} Chrome/140.0.0.0 Safari/537.36 Edg/140.0`,
      "Edge",
      "Windows",
    ],
    [
      `Mozilla/5.0 (Linux; Android 15) ${webkit} SamsungBrowser/28.0 Chrome/130.0 Mobile Safari/537.36`,
      "Samsung Internet",
      "Android",
    ],
    ["Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox", "Linux"],
    [
      "Mozilla/5.0 (iPhone; CPU iPhone OS 18_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.3 Mobile/15E148 Safari/604.1",
      "Safari",
      "iPhone",
    ],
    [
      "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_0) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15",
      "Safari",
      "Mac",
    ],
    ["curl/8.5.0", null, null],
    ["<script>alert(1)</script>", null, null],
    ["", null, null],
  ];
  for (const [user_agent, browser, system] of table)
    assert.deepEqual(describeBrowser(user_agent), { browser, system }, user_agent);
});
