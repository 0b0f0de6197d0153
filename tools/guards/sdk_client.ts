/** The client's SDK: requests to a provider, and the checks of its answers. */
import { type Guard, guardsOf } from "./guard.ts";

const ANSWERS = "test/sdk/answers.test.ts";
const VALETKEY = "test/sdk/valetkey.test.ts";
const OPTIONS = "test/sdk/options.test.ts";
const MICROSOFT = "test/sdk/providers/microsoft.test.ts";

export const sdkClientGuards: readonly Guard[] = [
  ...guardsOf("src/sdk/fetch.ts", ["src/sdk/fetch.test.ts"], {
    "an SDK waits a bounded time for a response": [
      "setTimeout(() => late.abort(), TIMEOUT)",
      "setTimeout(() => {}, 0)",
    ],
    "an SDK reads a bounded response": ["if (size <= most) continue;", "continue;"],
    "an SDK follows no redirect": ['redirect: "manual"', 'redirect: "follow"'],
    "an SDK refuses a redirect that an app's fetch has followed": [
      "redirected || (status >= 300",
      "(status >= 300",
    ],
    "an SDK does not wait for an app's fetch that ignores its signal": [
      "return await Promise.race([read, stopped]);",
      "return await read;",
    ],
  }),
  ...guardsOf("src/sdk/kept.ts", ["src/sdk/metadata.test.ts"], {
    "another issuer is no outage": ['error.code === "issuer_mismatch"', "false"],
    "metadata is used for a bounded time in an outage": ["now - known.at >= STALE", "false"],
  }),
  ...guardsOf("src/sdk/metadata.ts", ["src/sdk/metadata.test.ts"], {
    "metadata is that of the configured issuer, byte for byte": [
      "if (metadata.issuer === expected) return metadata;",
      "return metadata;",
    ],
    "an issuer is https, or this machine": [": !isSecure(url)", ": false"],
    "http is for loopback addresses": [
      '(protocol === "http:" && isLoopback)',
      'protocol === "http:"',
    ],
  }),
  ...guardsOf("src/sdk/client/server.ts", [ANSWERS, OPTIONS], {
    "tokens and secrets go to https addresses": [
      "&& url && isSecure(url)) return",
      "&& url) return",
    ],
  }),
  ...guardsOf("src/sdk/client/party.ts", [MICROSOFT, OPTIONS], {
    "an issuer of many tenants needs a list of them": [
      "if (!named.includes(TENANT)) return named;",
      "if (!named.includes(TENANT) || !provider?.tenants?.length) return named;",
    ],
    "an empty secret makes no public client": [
      'if ("clientSecret" in options && !clientSecret)',
      "if (false)",
    ],
  }),
  ...guardsOf("src/sdk/client/authorization_code.ts", [VALETKEY], {
    "parameters of an app replace none of the protocol": ["if (!OWN.has(name)) return;", "return;"],
  }),
  ...guardsOf("src/sdk/client/callback.ts", [VALETKEY, ANSWERS], {
    "a callback belongs to this sign-in": ['if (parameters.get("state") !== state)', "if (false)"],
    "a callback has one value of each": [
      "if (parameters.getAll(name).length <= 1) return;",
      "return;",
    ],
    "a callback names the issuer where that is announced": [
      "if (iss === null && !isMissing) return;",
      "if (iss === null) return;",
    ],
    "a callback comes from this issuer": ["if (isExpected) return;", "if (iss !== null) return;"],
    "a callback has a code alone": ["if (parameters.has(name))", "if (false)"],
  }),
  ...guardsOf("src/sdk/client/token_request.ts", [ANSWERS], {
    "a sign-in with openid has an ID token": ["else if (request.idToken)", "else if (false)"],
  }),
  ...guardsOf("src/sdk/client/token_response.ts", [ANSWERS], {
    "a token that is bound to a key is not used as Bearer": [
      'if (token_type.toLowerCase() !== "bearer")',
      "if (false)",
    ],
  }),
  ...guardsOf("src/sdk/client/id_token.ts", [ANSWERS, MICROSOFT], {
    "an ID token has one of the announced algorithms": ["|| !usual.includes(alg))", ")"],
    "a client without a secret shares none with the provider": [
      '(secret !== null || !alg.startsWith("HS"))',
      "true",
    ],
    "an ID token is signed": ["!NONE.test(alg) && ", ""],
    "an ID token needs nothing that the client does not know": [
      "if (crit !== undefined)",
      "if (false)",
    ],
    "an ID token is of this issuer": ["if (iss === expected) return;", "return;"],
    "an ID token is for this client": ["if (!audiences.includes(client_id))", "if (false)"],
    "an ID token was made for this client": [
      "if (azp !== undefined && azp !== client_id)",
      "if (false)",
    ],
    "an ID token for several clients says for whom": [
      "if (audiences.length > 1 && azp === undefined)",
      "if (false)",
    ],
    "an ID token goes with its access token": [
      "if (at_hash === base64url(half)) return;",
      "return;",
    ],
    "a tenant has to be on the list": ["provider?.tenants?.includes(tid);", "true;"],
    "the clocks are compared": ["if (off === null) return;", "return;"],
    "the nonce is that of this sign-in": ["if (nonce === expected) return;", "return;"],
    "a sign-in is not older than maxAge": ["if (age <= maxAge + SKEW) return;", "return;"],
  }),
  ...guardsOf("src/sdk/client/refusal.ts", [ANSWERS], {
    "an error shows no secret that was sent": ['rest.replaceAll(secret ?? "", "[hidden]")', "rest"],
    "an error shows no header and no JWT": ['.replaceAll(CREDENTIALS, "[hidden]")', ""],
    "an error is one line": [
      "[error, error_description].map(firstLine)",
      "[error, error_description]",
    ],
    "an error is short": [".slice(0, 300);", ";"],
    "a long word in an error takes no time": ["|(?<![\\w-])eyJ", "|\\beyJ"],
    "a server in trouble ends no session": [
      "isDown ? LATER : (own ?? unknown())",
      "own ?? unknown()",
    ],
  }),
  ...guardsOf("src/sdk/client/user.ts", [ANSWERS], {
    "userinfo is about the person of the ID token": ["claims.sub !== info.sub", "false"],
    "the proof of an address is about this address": [
      "...claims, ...proof, ...info",
      "...claims, ...info",
    ],
  }),
  ...guardsOf("src/sdk/client/standard_user.ts", [ANSWERS], {
    "a picture is no script": [" && /^https?:/i.test(picture)", ""],
    "a person has an id": ["if (!isText(id))", "if (false)"],
  }),
  ...guardsOf("src/sdk/client/providers/gitlab.ts", ["test/sdk/providers/gitlab.test.ts"], {
    "GitLab's userinfo is about the person of the ID token": [
      "if (claims.sub === sub) return",
      "if (true) return",
    ],
  }),
  ...guardsOf("src/sdk/client/providers/microsoft.ts", [MICROSOFT], {
    "Microsoft's addresses are unproven": [", email_verified: false };", " };"],
  }),
];
