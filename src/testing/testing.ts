/** `valetkey/testing`: the real authorization server for the tests of apps and APIs. */
export type { Faults } from "./faults.ts";
export { type IssuerFixture, valetkey, type WithIssuer } from "./fixture.ts";
export type { BrowserCookie, TestPage, WebAuth } from "./sign_in.ts";
export { startIssuer } from "./start_issuer.ts";
export type {
  IssuerFaults,
  IssuerOptions,
  TestClient,
  TestIssuer,
  TestUser,
} from "./test_issuer.ts";
export type { TokenOptions } from "./test_token.ts";
