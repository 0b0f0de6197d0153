/** Devices: the owner of a code, the limits of polls and guesses, and the consent that is always required. */
import { type Guard, guardsOf } from "./guard.ts";

const FLOW = "test/flows/device.test.ts";
const CONFORMANCE = "src/store/sqlite/driver.test.ts";

export const deviceGuards: readonly Guard[] = [
  ...guardsOf("src/grants/device_code.ts", [FLOW], {
    "a device code proves itself": [
      "if (!row || !device || !provesDevice(shown, device)) throw",
      "if (!row || !device) throw",
    ],
    "a device code is for its client": [
      "if (row.client_id !== client.client_id)",
      "if (false as boolean)",
    ],
    "a device that was refused is told so": [
      'if (row.state === "denied")',
      "if (false as boolean)",
    ],
    "a device code expires": ["if (row.expires_at <= ctx.now) throw expired();", ""],
    "tokens of an approved device have to be fetched soon": [
      "if (grant.code_expires_at <= ctx.now) throw expired();",
      "",
    ],
    "a device code is redeemed once": [
      "if (!(await ctx.store.advanceGrant(grant.grant_id, 0, ctx.now)))",
      "await ctx.store.advanceGrant(grant.grant_id, 0, ctx.now);\n        if (false as boolean)",
    ],
    "a device that polls too often is slowed down": [
      "if (!(await ctx.store.pollTransaction(row.id, poll)))",
      "if (false as boolean)",
    ],
  }),
  ...guardsOf("src/store/sql/transactions.ts", [CONFORMANCE], {
    "a device request that one person has claimed is nobody else's": [
      "(sub IS NULL OR sub = ? OR sub = ?)",
      "(sub IS NULL OR sub = ? OR sub = ? OR 1 = 1)",
    ],
    "a refusal of a device is final": ["AND state <> 'denied' AND", "AND"],
    "a device is approved by the person who claimed it": [
      "AND sub = ? AND state",
      "AND (sub = ? OR 1 = 1) AND state",
    ],
  }),
  ...guardsOf("src/authorization/device_page.ts", [FLOW], {
    "user codes can't be guessed": ['if (seconds > 0) return wrong("too_many", 429, seconds);', ""],
    "a code that somebody else has entered is as good as none": [
      "|| !free || found.row.state",
      "|| found.row.state",
    ],
  }),
  ...guardsOf("src/endpoints/device_authorization.ts", [FLOW], {
    "a person is asked, also for an app that is trusted": [
      'prompt: ["consent" as const]',
      "prompt: []",
    ],
    "one network has a bounded number of device requests": [
      'if (retry_after > 0) throw new RateLimited({ kind: "address", retry_after });',
      "",
    ],
  }),
  ...guardsOf("src/authorization/from_device.ts", [FLOW], {
    "the grant of a device outlives the session": [
      'ends_with_session: "never"',
      'ends_with_session: "usually"',
    ],
  }),
  ...guardsOf("src/authorization/approve.ts", ["test/flows/backchannel_logout.test.ts"], {
    "a device is not told of the end of the session that approved it": [
      'origin.ends_with_session === "never") return {};',
      "!origin.ends_with_session) return {};",
    ],
    "the ID token of a device names no session": [
      'sid: origin.ends_with_session === "never" ? null : record.session_id,',
      "sid: record.session_id,",
    ],
  }),
];
