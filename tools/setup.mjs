// Runs before every npm script: makes node_modules what package-lock.json asks for.
// Plain JavaScript, since on a fresh clone it runs on the machine's own Node (20 or newer).
// Silent when there is nothing to do; never writes to stdout.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, "node_modules");

if (!isInstalled()) install();

function isInstalled() {
  const wanted = readPackages(join(root, "package-lock.json"));
  const installed = readPackages(join(modules, ".package-lock.json"));
  if (wanted === null || installed === null || !hasRuntime()) return false;
  return Object.entries(wanted).every(([path, { version, optional }]) => {
    if (path === "") return true;
    // npm leaves out the optional packages that are for other systems
    if (installed[path] === undefined) return optional === true;
    return installed[path].version === version;
  });
}

function readPackages(lockFile) {
  try {
    return JSON.parse(readFileSync(lockFile, "utf8")).packages;
  } catch {
    return null;
  }
}

function hasRuntime() {
  return ["node", "node.exe"].some((name) => existsSync(join(modules, "node", "bin", name)));
}

function install() {
  console.error("valetkey: installing dependencies and the pinned Node (once, about a minute) …");
  // The package asks for Node 24, and its scripts run on the Node 26 that this installs: a warning
  // that the machine's own Node is older would mislead, so npm tells errors only.
  const npm = spawnSync("npm ci --include=dev --no-audit --no-fund --loglevel=error", {
    cwd: root,
    env: { ...process.env, PATH: pathWithoutModules() },
    encoding: "utf8",
    shell: true,
  });
  if (npm.status !== 0) fail(`npm ci: ${causeIn(npm.stderr)}`);
  if (!hasRuntime())
    fail("npm ran no install scripts (is ignore-scripts set?), so Node 26 is missing");
}

/** npm must run on the machine's Node: it is about to replace the one in node_modules. */
function pathWithoutModules() {
  const folders = (process.env.PATH ?? "").split(delimiter);
  return folders.filter((folder) => !folder.startsWith(modules)).join(delimiter);
}

function causeIn(stderr) {
  const lines = stderr.split("\n").map((line) => line.replace(/^npm (error|ERR!) ?/, "").trim());
  const told = lines.filter(
    (line) => line && !/^(code|syscall|errno|path|A complete log)\b/.test(line),
  );
  return told[0] ?? "failed without a word";
}

function fail(cause) {
  console.error(`valetkey: set-up failed: ${cause}`);
  process.exit(1);
}
