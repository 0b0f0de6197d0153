/** The program of a worker, which `valetkey start --workers` runs several times. */
import { prepareRuntime } from "./runtime.ts";

prepareRuntime();

const { runWorker } = await import("../node/worker.ts");
runWorker(async (file) => {
  const { readConfigFile } = await import("./config_file.ts");
  return readConfigFile(file);
});
