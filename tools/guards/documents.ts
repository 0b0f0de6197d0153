/** Client ID Metadata Documents: clients that register nowhere. */
import { type Guard, guardsOf } from "./guard.ts";

const RULES = "src/oauth/client_id_metadata_document.test.ts";
const FLOWS = "test/flows/metadata_documents.test.ts";
const ATTACKS = "test/security/metadata_documents.test.ts";
const PRESENTED = "test/security/presented_grant.test.ts";

export const documentGuards: readonly Guard[] = [
  ...guardsOf("src/oauth/client_id_metadata_document.ts", [RULES, ATTACKS], {
    "the id of a client is an https URL": [
      'if (url.protocol !== "https:" && !may_be_plain) return "is not an https URL";',
      "",
    ],
    "a loopback id is for development": [
      'url.protocol === "http:" && is_loopback && allow_loopback',
      'url.protocol === "http:" && is_loopback',
    ],
    "the id of a client has no fragment": [
      'if (client_id.includes("#")) return "has a fragment";',
      "",
    ],
    "the id of a client has no user name": [
      'if (url.username !== "" || url.password !== "") return "has a user name or password";',
      "",
    ],
    "the id of a client has one spelling": [
      'if (url.href !== client_id) return "is not in normal form";',
      "",
    ],
    "the host of a client has one spelling": [
      'if (url.hostname.endsWith(".")) return "has a host that ends with a dot";',
      "",
    ],
    "the id of a client has a path": ['if (url.pathname === "/") return "has no path";', ""],
    "a document is about its own URL": ["if (document.client_id !== url)", "if (false)"],
    "a document holds no secret": ["if (secret !== undefined)", "if (false)"],
    "a document names no method with a secret": ["METHODS.includes(name)", "true"],
    "a document gets no grant of old clients": [
      "rules.grant_types.filter((name) => GRANT_TYPES.includes(name))",
      "rules.grant_types",
    ],
    "a document sets no member of operators": [
      "filter(([name]) => !isOfOperators(name))",
      "filter(() => true)",
    ],
    "a denied host wins": ["return !deny.some(isNamed) && ", "return "],
    "a list of hosts admits no others": ["(allow.length === 0 || allow.some(isNamed))", "true"],
  }),
  ...guardsOf("src/fetched/document_cache.ts", ["src/fetched/document_cache.test.ts"], {
    "a failure takes no document from a request in progress": [
      "entries.keep(url, { ...last, error, asked_at });",
      "entries.keep(url, { ...last, held: null, error, asked_at });",
    ],
    "a document that could not be renewed serves no new request": [
      "const last = entry.error === null ? entry.held : usable(entry);",
      "const last = entry.held;",
    ],
  }),
  ...guardsOf("src/account/connected_apps.ts", ["test/flows/denied_documents.test.ts"], {
    "an app that gets nothing is not opened from the connected apps": [
      "if (uri === undefined || !isEnabled(client, about.ctx)) return null;",
      "if (uri === undefined) return null;",
    ],
  }),
  ...guardsOf("src/fetched/client_documents.ts", [ATTACKS], {
    "a document is JSON by its media type": ["        checkMediaType(response);\n", ""],
    "a document is small": ["most_bytes: MOST_DOCUMENT_BYTES", "most_bytes: 10_000_000"],
  }),
  ...guardsOf("src/clients/document_client.ts", [FLOWS], {
    "a denied host ends what its clients were given": [
      '(created_by !== "metadata_document" || takesDocument(client_id, ctx))',
      "true",
    ],
    "keys of a changed document need one in common": [
      "return isKnown && isSameMethod",
      "return isSameMethod",
    ],
    "grants of a removed client do not live again": [
      "ends_before: was_used ? now : null",
      "ends_before: null",
      "a job of the removal ends the rows soon after",
    ],
  }),
  ...guardsOf("src/client_auth/granted_client.ts", [FLOWS], {
    "a grant keeps its authentication method": [
      "const granted = asGranted(client, grant);",
      "const granted = client;",
    ],
  }),
  ...guardsOf("src/client_auth/granted_client.ts", [PRESENTED], {
    "only the parameter of the request's own grant decides how a client authenticates": [
      "const text = grant_in === null ? undefined : params.get(grant_in);",
      'const text = params.get("code") ?? (grant_in === null ? undefined : params.get(grant_in));',
    ],
    "a document is fetched for newer keys of a live grant only": [
      "(await isLive(grant, ctx)) ? newerKeys(granted, ctx) : null",
      "newerKeys(granted, ctx)",
    ],
    "a document is fetched for newer keys of the presented grant only": [
      "if (grant?.client_id !== client_id) return { client };",
      "if (grant?.client_id !== client_id) return { client, newerKeys: () => newerKeys(client, ctx) };",
    ],
  }),
  ...guardsOf("src/client_auth/client_jwt.ts", [PRESENTED], {
    "the keys of a disabled client are not fetched": ["if (isEnabled(client, ctx))", "if (true)"],
  }),
  ...guardsOf("src/tokens/authorization.ts", ["src/tokens/authorization.test.ts"], {
    "a client authenticates as the version of its document that the person agreed to": [
      "if (!isAsGranted(client, grant))",
      "if (false)",
    ],
    "tokens are minted for the client that the person agreed to": [
      "return { ...decision, client: status.client, granted:",
      "return { ...decision, granted:",
    ],
  }),
  ...guardsOf("src/endpoints/introspection.ts", [PRESENTED], {
    "introspection of a refresh token is for the version that the person agreed to": [
      "if (!isAsGranted(client, grant)) return null;",
      "",
      "findGrantedClient has taken that version",
    ],
    "introspection of an access token is for the version that the person agreed to": [
      "granted && !isAsGranted(caller, granted.grant) ? null : answer",
      "answer",
      "findGrantedClient has taken that version",
    ],
  }),
  ...guardsOf("src/endpoints/revocation.ts", [PRESENTED], {
    "a refresh token is revoked by the version that the person agreed to": [
      "    if (!isAsGranted(client, grant)) return;",
      "",
      "findGrantedClient has taken that version",
    ],
    "an access token is revoked by the version that the person agreed to": [
      "if (grant !== null && !isAsGranted(client, grant)) return;",
      "",
      "findGrantedClient has taken that version",
    ],
  }),
  ...guardsOf(
    "src/authorization/find_client.ts",
    [
      "test/security/outbound_reserves.test.ts",
      ...[FLOWS, ATTACKS, "test/flows/authorization_request.test.ts"],
      "test/postgres/metadata_documents.test.ts",
    ],
    {
      "visitors can't use up all outgoing requests": [
        'purpose: stored ? "known_document" : "document",',
        'purpose: "operator_keys",',
      ],
      "visits that make the server fetch a document are limited": [
        'before: () => takeFromNetwork("fetches", ctx),',
        "",
      ],
      "a disabled client starts no request": [
        "if (!isEnabled(client, ctx))\n    throw new PageError(",
        "if (false)\n    throw new PageError(",
      ],
      "the document of a denied host is not fetched": [
        "if (!takesDocument(client_id, ctx))",
        "if (false)",
      ],
      "a disabled client's document is not fetched": ["if (stored) checkEnabled(stored, ctx);", ""],
      "nodes agree on the document of a request in progress": [
        "if (held && documentId(held) === begun.document) return client(held);",
        "if (held) return client(held);",
      ],
      "the page does not tell what could not be reached": [
        "cause instanceof OAuthError ? cause.message",
        "cause instanceof Error ? cause.message",
      ],
    },
  ),
  ...guardsOf("src/clients/client_scope.ts", [FLOWS], {
    "a document may ask for open scopes only": [
      'if (registered && client.created_by !== "metadata_document") return registered;',
      "if (registered) return registered;",
    ],
  }),
  ...guardsOf("src/oauth/client_face.ts", ["src/oauth/client_face.test.ts"], {
    "people are asked again when keys are others": ["|| replaced]", "]"],
  }),
  ...guardsOf("src/authorization/proceed.ts", ["test/flows/changed_apps.test.ts"], {
    "people are asked again when an app has changed": [
      "changed: changesOf({ client, consent }).length > 0,",
      "changed: false,",
    ],
    "an answer is about the app as it was shown": [
      "answer: tx.answer?.client === faceId(client) ? tx.answer : null,",
      "answer: tx.answer,",
      "the page has compared them a moment before",
    ],
  }),
  ...guardsOf("src/authorization/consent_page.ts", ["test/flows/changed_apps.test.ts"], {
    "an app that changes while the page is read is shown again": [
      "if (shown.client !== faceId(known.client))",
      "if (false)",
    ],
  }),
  ...guardsOf("src/pages/consent_notice.ts", ["test/flows/changed_apps.test.ts"], {
    "another host of the answer is told": ["redirect.host !== app.host;", "false;"],
    "what has changed is told": ["${changed(props, view)}", ""],
  }),
  ...guardsOf("src/clients/client_face.ts", ["test/flows/changed_apps.test.ts"], {
    "an app keeps its name in the list of the person who allowed it": [
      "if (!seen || seen.client_name === (client.metadata.client_name ?? null)) return client;",
      "if (seen || !seen) return client;",
    ],
  }),
];
