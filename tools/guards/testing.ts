/** The issuer for tests, whose signing keys everybody knows. */
import { type Guard, guardsOf } from "./guard.ts";

export const testingGuards: readonly Guard[] = guardsOf(
  "src/testing/start_issuer.ts",
  ["src/testing/testing.test.ts"],
  {
    "a test issuer answers this computer only": [
      "await http.listen({ host: HOST, port: 0 })",
      'await http.listen({ host: "0.0.0.0", port: 0 })',
    ],
  },
);
