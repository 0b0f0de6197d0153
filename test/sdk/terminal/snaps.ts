/** A command-line tool, as its author would write it: `snaps login`. What a machine knows comes from variables. */
import { machine } from "../../../src/sdk/client/terminal/surroundings.ts";
import { AuthError, signIn } from "../../../src/sdk/client/terminal/terminal.ts";

machine.isContainer = () => false;
try {
  const session = await signIn({ app: "snaps", ...JSON.parse(process.env.SNAPS_OPTIONS ?? "{}") });
  console.log(`account: ${session.account}`);
} catch (error) {
  if (!(error instanceof AuthError)) throw error;
  console.log(`error: ${error.code}`);
  process.exitCode = 1;
}
