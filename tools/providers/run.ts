/** `npm run providers`: compares the rows of `valetkey/client` with the real providers. */
import { parseArgs } from "node:util";
import { AuthError } from "../../src/sdk/client/client.ts";
import { clientOf, variablesOf } from "./account.ts";
import { compareErrors, compareMetadata, compareRotation } from "./compare.ts";
import { signIn } from "./person.ts";
import { PUBLISHED, type Published } from "./published.ts";

const IDS = PUBLISHED.map(({ provider }) => provider.id);
const HELP = `npm run providers -- [options]

Compares each row of src/sdk/client/providers with the real provider: its metadata and,
with the id and secret of a client of yours, its errors.

  --only NAME      only this provider; repeatable: ${IDS.join(", ")}
  --sign-in NAME   also sign in there, in your browser, and look at the person and the refresh

  A client comes from the environment, such as GITHUB_CLIENT_ID and GITHUB_CLIENT_SECRET.

  It ends with 0 when nothing differs, 1 when something does, and 2 when a provider could not be reached.

  Example: npm run providers -- --only github`;

const { values } = parseArgs({
  options: {
    only: { type: "string", multiple: true, default: [] },
    "sign-in": { type: "string" },
    help: { type: "boolean", default: false },
  },
});

if (values.help) console.log(HELP);
else process.exitCode = await run();

async function run(): Promise<number> {
  const wanted = [...values.only, ...(values["sign-in"] ? [values["sign-in"]] : [])];
  const unknown = wanted.filter((each) => !IDS.includes(each));
  if (unknown.length > 0) {
    console.error(`error: there is no row ${unknown.join(", ")}; ${IDS.join(", ")} are`);
    return 2;
  }
  const rows = PUBLISHED.filter(
    ({ provider }) => wanted.length === 0 || wanted.includes(provider.id),
  );
  const results: Result[] = [];
  for (const row of rows) results.push(await compare(row));
  const unreachable = rows.filter((_, at) => results[at] === "unreachable");
  if (unreachable.length > 0) {
    const names = unreachable.map(({ provider }) => provider.id).join(", ");
    const isOffline = results.every((each) => typeof each === "string");
    console.error(
      isOffline
        ? "\nNothing was compared: no provider can be reached from here. This needs a connection to the internet."
        : `\nNot compared, since they could not be reached: ${names}.`,
    );
    return 2;
  }
  return results.some((each) => typeof each === "number" && each > 0) ? 1 : 0;
}

/** The number of differences, or why there was no comparison. */
type Result = number | "unreachable" | "nothing to compare";

async function compare(row: Published): Promise<Result> {
  const { provider } = row;
  console.log(provider.id);
  try {
    const found = await compareMetadata(row);
    console.log(row.document === null ? "  publishes no metadata" : "  metadata compared");
    const client = await clientOf(provider, process.env);
    if (client) {
      found.push(...(await compareErrors(provider, client)));
      console.log("  errors compared");
      if (values["sign-in"] === provider.id) {
        const { tokens, user } = await signIn(provider, client);
        console.log("  signed in:", { ...user, raw: "not shown" }, tokens.scope);
        const { refreshToken } = tokens;
        if (refreshToken) found.push(...(await compareRotation(provider, client, refreshToken)));
        else console.log("  no refresh token");
      }
    } else console.log(`  errors not compared: set ${variablesOf(provider).join(", ")}`);
    for (const difference of found) console.log(`  DIFFERENT: ${difference}`);
    return row.document === null && !client ? "nothing to compare" : found.length;
  } catch (error) {
    if (!(error instanceof AuthError)) throw error;
    console.log(`  ${error.message}`);
    return error.code === "issuer_unreachable" ? "unreachable" : 1;
  }
}
