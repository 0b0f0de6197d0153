/** Pairwise subjects: who may link a person, and what keeps the subjects. */
import { type Guard, guardsOf } from "./guard.ts";

const FLOWS = "test/flows/pairwise.test.ts";
const SECTOR = "src/clients/sector.test.ts";
const SALT = "src/keys/subject_salt.test.ts";

export const subjectGuards: readonly Guard[] = [
  ...guardsOf("src/tokens/subject.ts", ["src/tokens/subject.test.ts"], {
    "clients of two sectors can't link their subjects": [
      "JSON.stringify([kind, ...sectorOf(client), of])",
      "JSON.stringify([kind, of])",
    ],
    "a client's id can't pass for another sector's host": [
      'sector === null ? ["client", client_id] : ["host", sector]',
      '["", sector ?? client_id]',
    ],
    "a sid is no session's id": ['  derived("sid", client, session_id, ctx);', "  session_id;"],
  }),
  ...guardsOf("src/tokens/masked_grant.ts", ["src/tokens/masked_grant.test.ts"], {
    "an ID token does not tell the place of its person": [
      "  mask(bytes, current.id_token, issuer);\n",
      "",
    ],
    "no two ID tokens have one mask": ["  randomBytes(16).copy(bytes, 8);\n", ""],
    "a restored database knows no grant of a later ID token": [
      " || bytes.readUInt32BE(4) !== epoch) return null;",
      ") return null;",
    ],
  }),
  ...guardsOf("src/tokens/id_token.ts", [FLOWS], {
    "an ID token has the subject of its client": [
      "sub: subjectFor(client, grant.sub, ctx),",
      "sub: grant.sub,",
    ],
  }),
  ...guardsOf("src/tokens/access_token.ts", [FLOWS], {
    "an access token has the subject of its client": [
      "grant ? subjectFor(client, grant.sub, ctx) : client.client_id",
      "grant?.sub ?? client.client_id",
    ],
    "introspection and userinfo have the subject of the token's client": [
      "const sub = subjectFor(client, grant.sub, ctx);",
      "const { sub } = grant;",
    ],
  }),
  ...guardsOf("src/authorization/account.ts", ["test/flows/claims_parameter.test.ts", FLOWS], {
    "a pairwise client can't try a sub that it knows from elsewhere": [
      "hinted?.person.sub ?? NOBODY",
      "hinted?.person.sub ?? hint",
    ],
    "a pairwise hint is for its person": ["subjectFor(client, sub, ctx) === hint", "sub === hint"],
  }),
  ...guardsOf("src/clients/sector.ts", [SECTOR], {
    "only a host that lists the app shares its subjects with it": [
      "if (missing.length > 0)",
      "if (false)",
    ],
    "the list is read again when redirect URIs are added": [
      "now.redirect_uris.every((each) => before?.redirect_uris.includes(each))",
      "true",
    ],
    "a client that is not answered at a site is no part of that site": [
      "const sector = belongs ? host : null;",
      "const sector = host;",
    ],
    "a client that is told of logouts elsewhere is no part of a site": [
      "uri === undefined || isCovered(uri)",
      "true",
    ],
    "an operator's change does not make a client part of a site": [
      'before ? before.created_by === "operator" : by.kind === "operator"',
      'by.kind === "operator"',
    ],
    "a logout address that is added is looked for in the list": [
      "  now.backchannel_logout_uri === before?.backchannel_logout_uri &&\n",
      "",
    ],
    "a client can't change its own subject type": [
      'before && by.kind !== "operator" && isPairwise(before.metadata) !== isPairwise(metadata)',
      "false",
    ],
    "a sector never changes": ["before.sector !== sector)", "false)"],
    "several hosts are no sector": [
      "more.length > 0 || redirect_uris.some(isOnThisComputer)",
      "false",
    ],
    "only 200 is an answer": ["if (answer.status !== 200)", "if (false)"],
  }),
  ...guardsOf("src/clients/change_client.ts", [SECTOR], {
    "no grant outlives a change of the subject type": [
      "const ends = isPairwise(client.metadata) !== isPairwise(changed.metadata);",
      "const ends = isPairwise(client.metadata) === null;",
    ],
  }),
  ...guardsOf("src/clients/create_client.ts", [SECTOR], {
    "no client is named like a person's subject": ["may && !isPairwiseSubject(client_id)", "may"],
  }),
  ...guardsOf("src/keys/subject_salt.ts", [SALT], {
    "all nodes have one salt": [
      "if (await store.storeSubjectSalt(sealSalt(made, secrets), null)) return made;",
      "await store.storeSubjectSalt(sealSalt(made, secrets), null);\n  if (made) return made;",
    ],
    "the salt is sealed anew after a change of the secret": [
      "if (keeps_house) await sealSaltAnew(store, secrets);",
      "",
    ],
  }),
];
