/** `npm run example -- NAME`: runs an example as a project of its own that has installed the packed package. */
import { type ChildProcess, spawn } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { projectFrom } from "../test/support/packed_package.ts";

const EXAMPLES = globSync("examples/*/package.json").sort();
const titles = EXAMPLES.map((path) => {
  const { description } = JSON.parse(readFileSync(path, "utf8"));
  return `  ${basename(dirname(path)).padEnd(14)}${description}`;
});

const HELP = `npm run example -- NAME

${titles.join("\n")}

Packs Valetkey as it would be published, copies the example into a temporary folder, installs the package and the other
dependencies of the example there, and runs it until Ctrl-C. Change the files in examples/NAME, and start it again.

  Example: npm run example -- api`;

const [name = "", ...more] = process.argv.slice(2);
if (name === "--help") console.log(HELP);
else if (more.length > 0 || !EXAMPLES.includes(`examples/${name}/package.json`)) {
  console.error(HELP);
  process.exitCode = 2;
} else await run(`examples/${name}`);

async function run(source: string): Promise<void> {
  let child: ChildProcess | undefined;
  let isStopped = false;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.on(signal, () => {
      isStopped = true;
      // Ctrl-C reaches npm and the example too. This process waits for their end, and removes the folder.
      if (signal !== "SIGINT") child?.kill(signal);
    });

  console.log(`Packing Valetkey and installing ${source} …`);
  const project = await projectFrom(source).catch((error) => {
    if (!isStopped) throw error;
    process.exit(130);
  });
  process.once("exit", project.remove);
  if (isStopped) process.exit(130);
  console.log(`Runs in ${project.folder}, which is removed at the end.\n`);

  const { scripts } = JSON.parse(readFileSync(`${source}/package.json`, "utf8"));
  const [, ...args] = scripts.start.split(" ");
  child = spawn(process.execPath, args, { cwd: project.folder, stdio: "inherit" });
  child.once("exit", (code) => process.exit(code ?? 0));
}
