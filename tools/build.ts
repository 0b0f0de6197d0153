/** `npm run build`: dist/, as it is published. */
import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, globSync, rmSync } from "node:fs";
import { join } from "node:path";

rmSync("dist", { recursive: true, force: true });
const tsc = spawnSync("node_modules/.bin/tsc", ["-p", "tsconfig.build.json"], { stdio: "inherit" });
if (tsc.status !== 0) process.exit(1);

for (const folder of globSync(["src/**/assets", "demo/**/assets"]))
  cpSync(folder, join("dist", folder), { recursive: true });

chmodSync("dist/src/cli/main.js", 0o755);
