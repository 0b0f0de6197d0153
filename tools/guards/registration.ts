/** Apps that register themselves: who may, what they may have, and how they are told apart. */
import { type Guard, guardsOf } from "./guard.ts";

const FLOWS = "test/flows/registration.test.ts";
const LIMITS = "test/security/operator_limits.test.ts";
const STORE = "src/store/sqlite/driver.test.ts";

export const registrationGuards: readonly Guard[] = [
  ...guardsOf("src/endpoints/registration.ts", [FLOWS], {
    "in mode token, an initial access token is required": [
      'if (ctx.settings.registration.mode !== "token") return null;',
      "return null;",
    ],
    "registrations are limited for each address": ["if (retry_after > 0)", "if (false)"],
    "a change counts for its client": [
      "[networkOf(address), client_id].map(",
      "[networkOf(address)].map(",
    ],
    "a change counts for its network": ["[networkOf(address), client_id].map(", "[client_id].map("],
    "a refused registration that made the server send a request counts": [
      "isRefused ? !hasFetched :",
      "isRefused ? true :",
    ],
    "client metadata have at most 16 KB": [
      "if (Buffer.byteLength(request.body) > MOST_BYTES)",
      "if (false)",
    ],
  }),
  ...guardsOf("src/endpoints/registration.ts", ["test/security/registration.test.ts"], {
    "a software statement is refused": [
      "refuseSoftwareStatement(document.software_statement);\n",
      "",
    ],
  }),
  ...guardsOf("src/clients/initial_access_token.ts", [FLOWS], {
    "an initial access token is compared as a whole": [
      "if (!found || !equalSecrets(hash, found.hash)) return null;",
      "if (!found) return null;",
    ],
    "an initial access token that is used up, expired or older than a restore registers nothing": [
      "return uses_left > 0 && expires_at > now && created_at >= epoch ? found : null;",
      "return found;",
    ],
  }),
  ...guardsOf("src/endpoints/client_configuration.ts", ["test/security/registration.test.ts"], {
    "a registration is for its own token only": ["!client || !fits ||", "!client ||"],
    "after a restore, earlier registration access tokens hold no longer": [" || is_earlier", ""],
    "a disabled client does not get at its registration": [" || !isEnabled(client, ctx))", ")"],
    "a change names the client that it is for": [
      "if (client_id !== client.client_id)",
      "if (false)",
    ],
    "a change with another client's secret is refused": [
      "if (client_secret !== null && !isOwn)",
      "if (false)",
    ],
  }),
  ...guardsOf("src/clients/registration_token.ts", ["test/security/registration.test.ts"], {
    "a client that did not register itself has no registration token": [
      "equalSecrets(hash, stored ?? hash) && stored !== null",
      "equalSecrets(hash, stored ?? hash)",
    ],
  }),
  ...guardsOf("src/clients/own_document.ts", ["test/security/registration.test.ts"], {
    "members of operators are ignored when a client registers itself": [
      "Object.entries(document).filter(([name]) => isOwn(name, of))",
      "Object.entries(document)",
    ],
  }),
  ...guardsOf("src/clients/change_client.ts", [FLOWS], {
    "a change by a client leaves the members of operators": [
      "replace ? { ...decided, ...said }",
      "replace ? said",
    ],
  }),
  ...guardsOf("src/clients/own_document.ts", [LIMITS], {
    "a change by a client leaves what an operator has set": [
      " && !set_by_operator.includes(name);",
      ";",
    ],
    "what an operator has altered counts as set": [", ...Object.keys(altered), ", ", "],
    "what an operator has named counts as set": [", ...named];", "];"],
    "a later change by an operator forgets nothing that was set before": [
      "[...before.set_by_operator, ",
      "[",
    ],
    "grants and response types are set together": [
      "...(set.some(isIn(TOGETHER)) ? TOGETHER : [])",
      "",
    ],
  }),
  ...guardsOf("src/clients/change_client.ts", [LIMITS], {
    "the owner of an app does not undo what an operator has set": [
      "ofOperator ? change : ownDocument(change, client);",
      'by.kind !== "client" ? change : ownDocument(change, client);',
    ],
  }),
  ...guardsOf("src/clients/rules.ts", [LIMITS], {
    "a new face keeps the values of operators that protect": [
      " || PROTECTIVE[name] === value,",
      ",",
    ],
  }),
  ...guardsOf("src/clients/change_client.ts", ["test/security/changed_clients.test.ts"], {
    "a new face has none of the privileges of the old one": [
      "isNewFace(client, judged, by) ? judge(withoutPrivileges(document)) : judged",
      "judged",
    ],
  }),
  ...guardsOf("src/clients/self_registration.ts", [FLOWS], {
    "a client that registers itself acts for people only": [
      "grant_types: grant_types.filter((each) => !confidential_grant_types.includes(each)),",
      "grant_types,",
    ],
    "scopes of an API that is not open are left out": [
      ".filter((resource) => resource.open);",
      ";",
    ],
    "redirect URIs are on hosts that the operator listed": [
      'if (here || allowed_redirect_hosts.includes(host) || allowed_redirect_hosts.includes("*"))',
      "if (true)",
    ],
    "private-use schemes are listed by the operator": [
      "return allowed_schemes.includes(protocol.slice(0, -1))",
      "return true",
    ],
    "an app without credentials of its own can't omit PKCE": [
      'isConfidential(metadata) && metadata.application_type === "web"',
      "true",
    ],
    "a picture inside the metadata is refused": [
      'if (metadata.logo_uri?.startsWith("data:"))',
      "if (false)",
    ],
  }),
  ...guardsOf("src/clients/rules.ts", ["src/clients/rules.test.ts"], {
    "an operator can't let an app that registered itself act without a person": [
      'if (created_by === "registration") found(() => checkActsForPeople(metadata, env), undefined);',
      "",
    ],
  }),
  ...guardsOf("src/store/sql/initial_access_tokens.ts", [STORE], {
    "an initial access token has no more uses than it was given": [
      "WHERE token_id = ? AND uses_left > 0 AND expires_at > ?`,",
      "WHERE token_id = ? AND expires_at > ?`,",
    ],
    "a registration without a live token writes nothing": ["must_change: true,\n});", "});"],
  }),
  ...guardsOf("src/clients/end_client.ts", [FLOWS], {
    "a client that nobody used and that removes itself leaves no events": [
      'const forget_unused = by.kind === "client";',
      "const forget_unused = false;",
    ],
    "an operator's removal is an event, also of an unused client": [
      'const forget_unused = by.kind === "client";',
      "const forget_unused = true;",
    ],
  }),
  ...guardsOf("src/store/sql/clients.ts", [FLOWS], {
    "a used client that removes itself leaves its events": [' AND kept_at IS NULL"', '"'],
  }),
  ...guardsOf("src/store/sql/sweep_clients.ts", [STORE], {
    "unused clients leave no events": [
      "DELETE FROM directory_event WHERE client_id IN (${UNUSED})",
      "DELETE FROM directory_event WHERE client_id IN (${UNUSED}) AND 1 = 0",
    ],
    "a used client is removed with the consents to it": [
      "...endClients(used.map(ended), { now, consents: true }),",
      "",
    ],
  }),
];
