/** `npm run build`: dist/, as it is published. Another folder may be named, and the checkout stays unchanged. */
import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, globSync, rmSync } from "node:fs";
import { join } from "node:path";

const [dist = "dist"] = process.argv.slice(2);

rmSync(dist, { recursive: true, force: true });
const options = ["-p", "tsconfig.build.json", "--outDir", dist];
const tsc = spawnSync("node_modules/.bin/tsc", options, { stdio: "inherit" });
if (tsc.status !== 0) process.exit(1);

for (const folder of globSync(["src/**/assets", "demo/**/assets"]))
  cpSync(folder, join(dist, folder), { recursive: true });

chmodSync(join(dist, "src/cli/main.js"), 0o755);
