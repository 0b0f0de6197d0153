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
];
