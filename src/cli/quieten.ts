/** What Node would say by itself, and an operator can do nothing about. */
import { say } from "./output.ts";

export function quieten(): void {
  // On Node 24, node:sqlite calls itself an experiment; nothing that an operator could act on.
  process.removeAllListeners("warning");
  process.on("warning", ({ name, message }) => {
    if (name !== "ExperimentalWarning") say(`warning: ${message}`);
  });
  // A reader that has seen enough, such as `head`, is no failure.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
}
