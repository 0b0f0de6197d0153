/** What an `AuthError` has to be, for `assert.rejects`. */
import assert from "node:assert/strict";
import { AuthError, type Code } from "../../src/sdk/errors.ts";

export interface Failure {
  retryable?: boolean;
  status?: number;
  provider?: string;
  /** Texts that its message must not show. */
  hides?: readonly string[];
}

export function failure(
  code: Code,
  message: RegExp,
  { retryable = false, status, provider, hides = [] }: Failure = {},
): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof AuthError, String(error));
    assert.match(error.message, message);
    assert.ok(error.message.startsWith(`${code}: `) && error.message.endsWith(error.hint));
    assert.deepEqual([error.code, error.retryable], [code, retryable]);
    if (status !== undefined) assert.equal(error.status, status);
    if (provider !== undefined) assert.equal(error.provider, provider);
    // The causes too: a log prints them.
    for (const secret of hides) assert.ok(!inspected(error).includes(secret), inspected(error));
    return true;
  };
}

const inspected = (error: Error): string =>
  `${error.stack} ${JSON.stringify(error)} ${error.cause instanceof Error ? inspected(error.cause) : ""}`;
