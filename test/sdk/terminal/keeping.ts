/** A process that keeps a session, by the keychain of the system, and reads it back as the next one would. */
import { systemKeychain } from "../../../src/sdk/client/terminal/keychain.ts";
import { stateFolder } from "../../../src/sdk/client/terminal/state_folder.ts";
import { fileStorage } from "../../../src/sdk/client/terminal/storage.ts";
import { APP, stored } from "./scene.ts";

const storage = () =>
  fileStorage({ app: APP, folder: stateFolder(APP), keychain: systemKeychain(APP) });
const session = stored("https://as.test", "refresh");
try {
  if (!process.env.ONLY_READ) {
    const first = storage();
    await first.prepare((line) => console.error(line));
    await first.change(({ add }) => add(session));
  }
  console.log((await storage().read(session.name))?.secrets.refresh_token);
} catch (error) {
  console.error(String(error));
  process.exitCode = 1;
}
