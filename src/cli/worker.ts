/** The program of a worker, which `valetkey start --workers` runs several times. */
import { prepareRuntime } from "./runtime.ts";

prepareRuntime();

const { quieten } = await import("./quieten.ts");
const { runWorker } = await import("../node/worker.ts");
quieten();
runWorker(async (file) => {
  const { readConfigFile } = await import("./config_file.ts");
  return readConfigFile(file);
});
