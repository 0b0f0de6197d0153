/** A function for the option `fetch` of the SDKs. */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";

/**
 * @returns the function, and the requests that it has sent. Until the end of the test, a request to a provider that it
 * did not send fails: the SDKs name themselves in `User-Agent`
 */
export function tracedFetch(t: TestContext): { fetch: typeof fetch; asked: string[] } {
  const { fetch: real } = globalThis;
  const asked: string[] = [];
  const agentOf = (init: RequestInit | undefined) => new Headers(init?.headers).get("user-agent");
  t.mock.method(globalThis, "fetch", (input: string | URL | Request, init?: RequestInit) => {
    assert.notEqual(agentOf(init), "valetkey", `the global fetch was called for ${String(input)}`);
    return real(input, init);
  });
  return {
    asked,
    fetch(input, init) {
      asked.push(`${init?.method ?? "GET"} ${new URL(String(input)).pathname}`);
      return real(input, init);
    },
  };
}
