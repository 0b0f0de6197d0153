/** The SDK for terminals: sign-ins on a person's machine, and the sessions that are kept there. */
import { type Guard, guardsOf } from "./guard.ts";

const SIGN_IN = ["test/sdk/terminal/sign_in.test.ts"];
const SWITCHING = ["test/sdk/terminal/switching.test.ts"];
const ACCOUNTS = ["test/sdk/terminal/accounts.test.ts"];
const STORAGE = ["test/sdk/terminal/storage.test.ts"];
const REFRESH = ["test/sdk/terminal/refresh.test.ts"];
const LOCK = ["test/sdk/terminal/lock.test.ts"];
const ENVIRONMENT = ["test/sdk/terminal/environment.test.ts"];

const FOLDER = "src/sdk/client/terminal";

export const sdkTerminalGuards: readonly Guard[] = [
  ...guardsOf(`${FOLDER}/loopback.ts`, SIGN_IN, {
    "the callback is asked for under its own name (DNS rebinding)": [
      "request.headers.host !== new URL(origin).host || url?.origin !== origin",
      "url === null",
    ],
    "a callback comes to its own path": ["if (url.pathname !== PATH)", "if (false)"],
    "no other machine reaches the callback": ["server.listen(port, HOST)", "server.listen(port)"],
    "a callback is a GET": ['if (request.method !== "GET")', "if (false)"],
  }),
  ...guardsOf(`${FOLDER}/in_browser.ts`, SIGN_IN, {
    "a callback of another sign-in changes nothing in a terminal": [
      'callback.searchParams.get("state") !== begun.state',
      "false",
    ],
    "a pasted address is the one that the sign-in waits at": [
      "callback === null || `${callback.origin}${callback.pathname}` !== redirectUri",
      "callback === null",
    ],
  }),
  ...guardsOf(`${FOLDER}/state_folder.ts`, STORAGE, {
    "the folder of sessions is for its owner": ["(mode & 0o077) !== 0", "false"],
    "a folder of another user is left alone": ["own === undefined || own === uid", "true"],
  }),
  ...guardsOf(`${FOLDER}/session_file.ts`, STORAGE, {
    "the file of sessions is for its owner": ['"wx", 0o600', '"wx", 0o644'],
    "a file of a newer version is not written over": ["    v === 1 &&\n", ""],
  }),
  ...guardsOf(`${FOLDER}/seal.ts`, STORAGE, {
    "a sealed secret is bound to its session": [
      "iv: bytesIn(iv), additionalData: encoder.encode(name)",
      "iv: bytesIn(iv), additionalData: encoder.encode(name.slice(0, 15))",
    ],
  }),
  ...guardsOf(`${FOLDER}/storage.ts`, STORAGE, {
    "a write counts only for what was read": ["if (!isNew && old?.rev !== rev) return false;", ""],
    "sealed sessions stay sealed when the keychain fails": [
      'if (contents.key === "keychain")',
      "if (false)",
    ],
  }),
  ...guardsOf(`${FOLDER}/keychain.ts`, ["test/sdk/terminal/keychain.test.ts"], {
    "on Linux, no memory of the kernel holds the key": [
      'new AsyncEntry("valetkey", app, { linux: { store: "secret-service" } })',
      'new AsyncEntry("valetkey", app)',
    ],
  }),
  ...guardsOf(`${FOLDER}/app_key.ts`, STORAGE, {
    "two processes make one key": ["if (other?.length === LENGTH) return other;", ""],
  }),
  ...guardsOf(`${FOLDER}/lock.ts`, LOCK, {
    "the number of a process counts on its own machine only": [
      "if (holder?.host !== HOST) return false;",
      "if (!holder) return false;",
    ],
    "a lock that is touched is alive": ["if (seen !== last) since = performance.now();", ""],
    "one process breaks a dead lock": ["if (readHolder(path)?.id === dead?.id) rmSync", "rmSync"],
  }),
  ...guardsOf(`${FOLDER}/refresh.ts`, REFRESH, {
    "only the token that is stored now ends a session": [
      "if (newest.secrets.refresh_token !== session.secrets.refresh_token)",
      "if (false)",
    ],
    "an outage ends no session": [
      '|| error.code !== "session_over") throw error;',
      ") throw error;",
    ],
  }),
  ...guardsOf(`${FOLDER}/refresh.ts`, ["test/sdk/terminal/interrupted.test.ts"], {
    "Ctrl-C does not come between a refresh token and the next one": [
      "return uninterrupted(() => exchanged(place, writing, { session, need }));",
      "return exchanged(place, writing, { session, need });",
    ],
  }),
  ...guardsOf(`${FOLDER}/find_session.ts`, SWITCHING, {
    "another account does not take the place of one that has ended": [
      "return found === undefined || found.has_ended ? null",
      "return found === undefined ? null",
    ],
  }),
  ...guardsOf("src/sdk/client/fetch_with_token.ts", REFRESH, {
    "a session sends tokens to https and loopback only": ["if (!isSecure(to))", "if (false)"],
  }),
  ...guardsOf(`${FOLDER}/surroundings.ts`, SIGN_IN, {
    "nobody is asked in CI": ["return isCi || ", "return "],
  }),
  ...guardsOf(`${FOLDER}/keep.ts`, ACCOUNTS, {
    "a sign-in of another person than the one that was asked for gives no session": [
      "    checkAccount(stored, options);\n",
      "",
    ],
    "a sign-in that is not kept is ended at the provider": [
      "    await endGrant(app, sub, tokens.refreshToken ?? tokens.accessToken);\n",
      "",
    ],
    "a session that is replaced is ended at the provider": [
      "    await Promise.all(replaced.map((each) => endGrant(app, each.sub, each.secrets.refresh_token)));\n",
      "",
    ],
    "a name that the app has chosen is not replaced": ["  !is_named &&\n", ""],
  }),
  ...guardsOf(`${FOLDER}/find_session.ts`, ACCOUNTS, {
    "no other account takes the place of one that was signed out": [
      "is_current && name.startsWith(prefix)",
      "name.startsWith(prefix)",
    ],
  }),
  ...guardsOf(`${FOLDER}/end_grant.ts`, ["test/sdk/terminal/oidc_provider.test.ts"], {
    "the end of a replaced session takes no other session along": [
      "if (token.startsWith(OWN) || (await isAlone(app, sub))) await revoke",
      "await revoke",
    ],
  }),
  ...guardsOf(`${FOLDER}/keep.ts`, SIGN_IN, {
    "a sign-in below the level that was asked for gives no session": [
      "if (!hasLevel(stored, options, SLACK)) throw tooWeak(stored);",
      "",
    ],
  }),
  ...guardsOf(`${FOLDER}/keep.ts`, SWITCHING, {
    "a sign-in that was stopped gives no session": ["    signal.throwIfAborted();\n", ""],
  }),
  ...guardsOf(`${FOLDER}/session.ts`, SWITCHING, {
    "the name of a person is no command of the terminal": [
      '(email ?? username ?? id).replaceAll(/\\p{Cc}/gu, "")',
      "(email ?? username ?? id)",
    ],
  }),
  ...guardsOf(`${FOLDER}/environment.ts`, ENVIRONMENT, {
    "an error shows nothing of a key": [
      'throw wrong(`${variable} is not a private key`, "set',
      'throw wrong(`${variable} is not a private key: ${pem}`, "set',
    ],
  }),
  ...guardsOf("src/sdk/client/device_code.ts", ["test/sdk/device_code.test.ts"], {
    "a device request leads to https only": ["url !== null && isSecure(url)", "url !== null"],
    "what a provider sends is no command of the terminal": [
      'text.replaceAll(/\\p{Cc}/gu, "")',
      "text",
    ],
  }),
];
