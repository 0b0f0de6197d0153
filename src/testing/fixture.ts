/** The fixture for test runners: an issuer for each test, closed after it. */
import { startIssuer } from "./start_issuer.ts";
import type { IssuerOptions, TestIssuer } from "./test_issuer.ts";

/** What a test gets: Playwright's `test.extend` has to be told, vitest's finds out by itself. */
export interface WithIssuer {
  issuer: TestIssuer;
}

/** Fixtures as both runners take them. */
export interface IssuerFixture {
  issuer(given: object, use: (issuer: TestIssuer) => Promise<void>): Promise<void>;
}

/**
 * The fixture `issuer` for `test.extend` of vitest and of Playwright. A test that names it gets an issuer of its own.
 *
 * @example
 * const test = base.extend<WithIssuer>(valetkey());
 * test("…", async ({ issuer }) => { const token = await issuer.tokenFor("ada", { audience: API }); });
 * @param options as those of `startIssuer`
 */
export function valetkey(options: IssuerOptions = {}): IssuerFixture {
  return {
    // Both runners read the names of other fixtures from this pattern: none is needed.
    // biome-ignore lint/correctness/noEmptyPattern: Playwright refuses a parameter that is no pattern.
    async issuer({}, use) {
      const issuer = await startIssuer(options);
      try {
        await use(issuer);
      } finally {
        await issuer.close();
      }
    },
  };
}
