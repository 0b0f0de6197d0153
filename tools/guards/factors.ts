/** Factors beside the password: one-time uses, guesses, and whose they are. */
import { type Guard, guardsOf } from "./guard.ts";

const STORE = "src/store/sqlite/driver.test.ts";
const PAGES = "test/flows/app_codes.test.ts";
const TRIES = "test/security/second_factors.test.ts";

export const factorGuards: readonly Guard[] = [
  ...guardsOf("src/store/sql/factors.ts", [STORE], {
    "factors are changed by the version that was read": [
      "          WHERE sub = ? AND version = ?`,\n        args: [user_handle, sub, version],",
      "          WHERE sub = ?`,\n        args: [user_handle, sub],",
    ],
    "the first change of factors is made once": [
      "ON CONFLICT (sub) DO NOTHING`,\n        args: [sub, user_handle],",
      "ON CONFLICT (sub) DO UPDATE SET version = 1`,\n        args: [sub, user_handle],",
    ],
    "nobody removes a factor of another person": [
      "sql: `DELETE FROM ${which} AND sub = ?`,\n  args: [id, sub],",
      "sql: `DELETE FROM ${which}`,\n  args: [id],",
    ],
    "nobody renames a passkey of another person": [
      'WHERE credential_id = ? AND sub = ?",\n        args: [name, credential_id, sub],',
      'WHERE credential_id = ?",\n        args: [name, credential_id],',
    ],
    "a counter of a passkey is used once": [
      "WHERE credential_id = ? AND sign_count = ?`;\n      const args = [sign_count, backed_up ? 1 : 0, used_at, credential_id, was.sign_count];",
      "WHERE credential_id = ?`;\n      const args = [sign_count, backed_up ? 1 : 0, used_at, credential_id];",
    ],
    "a code of an app is taken once": [
      'WHERE totp_id = ? AND last_step < ?";\n      return (await db.write(sql, [step, now, totp_id, step])).changed === 1;',
      'WHERE totp_id = ?";\n      return (await db.write(sql, [step, now, totp_id])).changed === 1;',
    ],
    "a recovery code that was taken or replaced is none": [
      "        args: [sub, slot, hash],\n        must_change: true,",
      "        args: [sub, slot, hash],",
    ],
    "a change of name, password or address ends what is in progress": [
      "    password_hash !== before.password_hash ||\n",
      "",
    ],
    "factors go with their person": [
      '["factor_state", "passkey", "totp", "recovery_code"].map',
      '["factor_state"].map',
    ],
  }),
  ...guardsOf("src/people/change_password.ts", ["src/people/operations.test.ts"], {
    "a new password of a person who is kept elsewhere ends what is in progress": [
      "  await store.raiseFactorVersion(sub);\n  if (!(await users",
      "  if (!(await users",
    ],
    "also what began while the password was being changed": [
      "  await store.raiseFactorVersion(sub);\n  await store.endPerson",
      "  await store.endPerson",
    ],
  }),
  ...guardsOf("src/factors/totp.ts", ["src/factors/totp.test.ts"], {
    "a code is accepted ten seconds around its time, and no longer": [
      "const SLACK = 10;",
      "const SLACK = 30;",
    ],
    "the text of a code is bounded": ["  if (text.length > LONGEST) return null;\n", ""],
  }),
  ...guardsOf("src/factors/totp_secret.ts", ["src/factors/totp_secret.test.ts"], {
    "a secret opens only in the row of its person": [
      "`totp ${totp_id} ${sub}`",
      "`totp ${totp_id}`",
    ],
    "and only in its own row": ["`totp ${totp_id} ${sub}`", "`totp ${sub}`"],
    "a node with the earlier secret does not seal with it again": [
      "(await isNewest(current.secret_id, store)) ? others : []",
      "others",
    ],
  }),
  ...guardsOf("src/factors/recovery_codes.ts", ["src/factors/recovery_codes.test.ts"], {
    "a recovery code opens no other slot": [
      "codes.find(({ slot }) => slot === read?.slot) ?? null",
      "codes[0] ?? null",
    ],
    "a code whose slot is empty costs a hash, too": [
      'const fits = await verifyPassword(code?.hash ?? null, read?.rest ?? "");',
      'const fits = code !== null && (await verifyPassword(code.hash, read?.rest ?? ""));',
    ],
    "the text of a recovery code is bounded": ["  if (typed.length > LONGEST) return null;\n", ""],
  }),
  ...guardsOf("src/factors/try_second_factor.ts", [TRIES], {
    "wrong codes count for the account": [
      '  if (seconds > 0) return { problem: "throttled", seconds };\n',
      "",
    ],
    "from whatever network": ["  name: sub,\n", "  name: Math.random().toString(),\n"],
    "a right code gives back its own try only": [
      'if ("proof" in verdict) await refund(budget, ctx);',
      'if ("proof" in verdict) for (const _ of Array(10)) await refund(budget, ctx);',
    ],
    "an app code is taken before it counts": [
      "if (await ctx.store.useTotp(totp.totp_id, step, ctx.now))",
      "await ctx.store.useTotp(totp.totp_id, step, ctx.now);\n      if (step > 0)",
    ],
    "a recovery code is taken before it counts": [
      'if (!(await ctx.store.useRecoveryCode(found, { events }))) return { problem: "used" };',
      "await ctx.store.useRecoveryCode(found, { events });",
    ],
    "a try that could not be judged does not count": [
      "    await refund(budget, ctx).catch(() => {});\n",
      "",
    ],
  }),
  ...guardsOf("src/factors/enrol_totp.ts", [PAGES], {
    "a key that is not confirmed belongs to one person": ["content.sub !== sub || ", ""],
    "and to one browser": [" || content.browser !== browser.id", ""],
    "and to ten minutes": ["  if (content.expires_at <= ctx.now) return null;\n", ""],
    "the code that confirms an app counts no more": [
      "return { totp_id, ...sealed, name, last_step, created_at: now, used_at: null };",
      "return { totp_id, ...sealed, name, last_step: 0, created_at: now, used_at: null };",
    ],
  }),
  ...guardsOf("src/account/app_codes.ts", [PAGES], {
    "apps are shown after a fresh proof": [
      "    if (stale) return stale;\n    const removed =",
      "    const removed =",
    ],
    "apps are changed after a fresh proof": [
      "    if (stale) return stale;\n    const intent =",
      "    const intent =",
    ],
    "a person has at most three apps": [
      "if (factors.totps.length >= MOST_TOTPS) return show(visit, params, {}, 409);",
      "",
    ],
    "an app that is added after a recovery makes no session stronger": [
      '  if (second_factor?.kind === "recovery") return redirect(next);\n',
      "",
    ],
  }),
  ...guardsOf("src/account/recovery_codes.ts", [PAGES], {
    "recovery codes are made after a fresh proof": [
      '    if (stale) return stale;\n    if (params.get("intent")',
      '    if (params.get("intent")',
    ],
    "a page that is loaded again replaces no recovery codes": [
      'if (params.get("version") !== String(factors.version))',
      "if (false)",
    ],
  }),
];
