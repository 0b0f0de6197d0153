/** `npm run certify`: checks the demands of OpenID Connect certification against a running server, and prints a table. */
import { readFileSync } from "node:fs";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { parseArgs } from "node:util";
import { judge, PROFILES, table } from "./demand.ts";
import { DEMANDS } from "./demands/list.ts";
import { PERSON } from "./person.ts";
import { CERTIFICATE, openRelyingParty } from "./relying_party.ts";
import { startServer } from "./server.ts";
import { openWorld } from "./world.ts";

const HELP = `npm run certify -- [options]

Checks each demand of the OpenID Connect profiles ${PROFILES.join(", ")}.
Without --issuer it starts a server with tools/certify/configuration.json, over TLS.

  --profile NAME       only this profile; repeatable
  --issuer URL         a server that runs already, with that configuration
  --username NAME      the person who signs in there
  --password TEXT      and the password
  --clients HOW        registered: they register themselves (the default); added: by the operator's command
  --database ADDRESS   of the server that is started: sqlite:FILE or postgres://…

  It ends with 0 when nothing failed.

  Example: npm run certify -- --profile basic --profile form_post`;

const { values } = parseArgs({
  options: {
    profile: { type: "string", multiple: true, default: [] },
    issuer: { type: "string" },
    username: { type: "string", default: PERSON.username },
    password: { type: "string", default: PERSON.password },
    clients: { type: "string", default: "registered" },
    database: { type: "string" },
    help: { type: "boolean", default: false },
  },
});

if (values.help) console.log(HELP);
else process.exitCode = await run();

async function run(): Promise<number> {
  const unknown = values.profile.filter((name) => !PROFILES.some((each) => each === name));
  if (unknown.length > 0) {
    console.error(`error: there is no profile ${unknown.join(", ")}; ${PROFILES.join(", ")} are`);
    return 2;
  }
  const profiles = PROFILES.filter(
    (each) => values.profile.length === 0 || values.profile.includes(each),
  );
  // The certificate of the server and of the relying party.
  setDefaultCACertificates([...getCACertificates("default"), readFileSync(CERTIFICATE, "utf8")]);
  const { issuer, username, password } = values;
  const clients = values.clients === "added" ? "added" : "registered";
  const own = issuer === undefined ? await startServer(values.database) : null;
  const rp = await openRelyingParty();
  try {
    const server = own ?? { issuer: issuer ?? "", username, password, command: null };
    const verdicts = await judge(DEMANDS, profiles, await openWorld(server, { rp, clients }));
    console.log(table(verdicts));
    return verdicts.some(({ seen }) => seen !== null) ? 1 : 0;
  } finally {
    await rp.close();
    await own?.stop();
  }
}
