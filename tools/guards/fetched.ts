/** What others publish and the server reads: keys of clients. */
import { type Guard, guardsOf } from "./guard.ts";

const RESERVES = "test/security/outbound_reserves.test.ts";
const OBJECT_FLOWS = "test/flows/request_objects.test.ts";
const OBJECTS = "test/security/request_objects.test.ts";
const ATTACKS = "test/security/outbound_requests.test.ts";

export const fetchedGuards: readonly Guard[] = [
  ...guardsOf(
    "src/fetched/document_cache.ts",
    ["src/fetched/document_cache.test.ts", ATTACKS, RESERVES],
    {
      "only status 200 is a document": ["if (response.status !== 200)", "if (false)"],
      "one document is fetched by one request at a time": [
        "const running = under_way.get(url) ?? request(url, asking)",
        "const running = request(url, asking)",
      ],
      "an unknown key makes one request in five seconds": [
        "if (!entry || !isTooSoon(entry, pace) || under_way.has(url)) return requestOnce(url, asking);",
        "if (true)",
      ],
      "nothing is fetched for a network over its limit": ["      before?.();\n", ""],
      "a request that was never sent is not kept": ["if (wasSent(error))", "if (true)"],
      "a failing address is not asked at each request": [
        "if (rules.remembers_errors && isTooSoon(entry)) throw entry.error;",
        "",
      ],
      "the last document holds for a bounded time": [
        "held && held.fetched_at + rules.outlives > seconds() ? held : null",
        "held",
      ],
      "fetched documents take a bounded part of memory": [
        "if (bytes <= MOST_BYTES) break;",
        "break;",
      ],
    },
  ),
  ...guardsOf("src/fetched/freshness.ts", ["src/fetched/freshness.test.ts"], {
    "no sender makes a document last for ever": [
      "return Math.min(most, Math.max(least, seconds));",
      "return Math.max(least, seconds);",
    ],
  }),
  ...guardsOf("src/fetched/request_objects.ts", [RESERVES, OBJECTS, OBJECT_FLOWS], {
    "an object by reference is bounded": ["most_bytes: MOST_BYTES", "most_bytes: 1_000_000"],
    "an answer with an object counts for everybody": ["const BRIEFLY = 2;", "const BRIEFLY = 0;"],
  }),
  ...guardsOf("src/fetched/fetched_documents.ts", [RESERVES], {
    "keys of visitors' apps are fetched apart": [
      'fetchedKeys("document_keys", server)',
      'fetchedKeys("operator_keys", server)',
    ],
  }),
  ...guardsOf("src/fetched/keys.ts", ["src/fetched/keys.test.ts", ATTACKS], {
    "what is fetched as keys is checked like registered keys": [
      "parseJwks(parseJsonStrictly(body.toString()))",
      "JSON.parse(body.toString())",
    ],
    "an unexpected algorithm makes no request": [
      "if (!options.algorithms.includes(alg)) throw new errors.JOSEAlgNotAllowed();",
      "",
    ],
    "few keys are tried": ["keys.slice(0, MOST_TRIED)", "keys"],
    "a key for encryption verifies nothing": [
      'if (key.use !== undefined && key.use !== "sig") return false;',
      "",
      "the library refuses such a key too",
    ],
    "a key serves its own algorithm only": [
      "if (key.alg !== undefined && !isOf(key, alg)) return false;",
      "",
      "the library refuses such a key too",
    ],
    "a wrong signature of a known key makes no request": [
      "|| isNamed) throw error;",
      ") throw error;",
    ],
    "fetched keys are bounded in size": ["most_bytes: 65_536", "most_bytes: 100_000_000"],
  }),
];
