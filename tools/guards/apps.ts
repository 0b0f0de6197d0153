/** Apps that people register: forms with one effect, values of strangers in programs, logos. */
import { type Guard, guardsOf } from "./guard.ts";

export const appGuards: readonly Guard[] = [
  ...guardsOf("src/account/register_app.ts", ["test/flows/register_app.test.ts"], {
    "the id of an app comes from a form of this person": [
      "purposeFor(session.person.sub), ctx);\n  const form:",
      '"", ctx) ?? `{"client_id":"${form_id}","expires_at":9999999999}`;\n  const form:',
    ],
    "a form registers its app for a day": [
      "return form && form.expires_at > ctx.now ? form : null;",
      "return form;",
    ],
    "a form does not register an app again that was removed": [
      'if (await ctx.store.isClaimed("app_form", form.client_id)) return sentBefore();',
      "",
    ],
    "a form that is sent again leads to an app of this person only": [
      "return client?.owner_sub === session.person.sub ? showDone",
      "return client ? showDone",
      "the sealed id belongs to this person, so no other person has an app of this id",
    ],
  }),
  ...guardsOf("src/account/new_secret.ts", ["test/flows/register_app.test.ts"], {
    "a form replaces the secret that it names": [
      'if (params.get("replaces") !== newestSecret(client.secrets))',
      "if (false)",
    ],
  }),
  ...guardsOf("src/clients/change_client.ts", ["src/clients/operations.test.ts"], {
    "a change without an effect on the client is not written": [
      "if (isDeepStrictEqual(client, changed)) return true;",
      "",
    ],
  }),
  ...guardsOf("src/clients/snippets.ts", ["src/clients/snippets.test.ts"], {
    "values of people stay texts in the program": [
      "const text = (value: string): string => JSON.stringify(value);",
      'const text = (value: string): string => `"${value}"`;',
    ],
  }),
  ...guardsOf("src/clients/logo.ts", ["test/flows/logos.test.ts"], {
    "only the logo of an operator's app and of one that registered itself is fetched": [
      "return isShown && logo_uri !== undefined",
      "return logo_uri !== undefined",
    ],
    "a logo is a raster picture": [
      'if (!picture) return { refused: "it is no PNG, JPEG or WebP" };',
      'if (!picture) return { logo: { client_id, hash: sha256(bytes), media_type: "image/svg+xml", picture: bytes.toString("base64"), fetched_at: now } };',
    ],
    "a logo has a bounded number of pixels": [
      "if (Math.max(width, height) > MOST_PIXELS)",
      "if (false)",
    ],
  }),
  ...guardsOf("src/clients/picture.ts", ["src/clients/picture.test.ts"], {
    "the marker of a JPEG stands where a segment ends": [
      "if (bytes[at] !== 0xff) return null;",
      "",
    ],
    "an empty segment of a JPEG is passed": ["2 + Math.max(2, ", "Math.max(0, "],
  }),
  ...guardsOf("src/jobs/fetch_logo.ts", ["test/flows/logos.test.ts"], {
    "a logo has a bounded number of bytes": [
      "most_bytes: MOST_LOGO_BYTES }",
      "most_bytes: 2 * MOST_LOGO_BYTES }",
    ],
    "an earlier address of a logo does not replace a later one": [
      "if (client?.metadata.logo_uri !== logo_uri) return;",
      "if (!client) return;",
    ],
    "an answer that is no success holds no logo": [
      "return status === 200 ? { body } :",
      "return status > 0 ? { body } :",
    ],
  }),
  ...guardsOf("src/endpoints/logo.ts", ["test/flows/logos.test.ts"], {
    "the address of a logo holds its hash": ["if (found?.hash !== hash)", "if (!found)"],
    "a browser does not guess the type of a logo": [
      '      ["x-content-type-options", "nosniff"],\n',
      "",
    ],
    "a logo runs and loads nothing": [
      `["content-security-policy", "default-src 'none'; sandbox"],`,
      "",
    ],
  }),
];
