/** The program of a worker, which `valetkey start --workers` runs several times. */
import { runWorker } from "../node/worker.ts";
import { quieten } from "./quieten.ts";

quieten();
runWorker(async (file) => {
  const { readConfigFile } = await import("./config_file.ts");
  return readConfigFile(file);
});
