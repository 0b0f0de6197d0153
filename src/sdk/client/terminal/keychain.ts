/**
 * The system's keychain: one key of 32 bytes for each app. It is asked in a process of its own, which can be ended: a
 * keychain that hangs would stop this one, timers included.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { basename } from "node:path";
import { text } from "node:stream/consumers";
import { base64url, bytesIn } from "../../base64url.ts";
import { hasDisplay } from "./surroundings.ts";

export interface Keychain {
  /** @returns the key, or null when there is none. @throws Error when the keychain does not answer, or says no */
  read(): Promise<Uint8Array<ArrayBuffer> | null>;
  /** Once for each app: macOS asks the person again after each change. @throws Error */
  write(key: Uint8Array<ArrayBuffer>): Promise<void>;
}

/** Milliseconds: to unlock it, a person types a password; without a display, nobody is asked. */
const WITH_DISPLAY = 60_000;
const WITHOUT_DISPLAY = 3000;

/** @param app its name: the user name of the entry */
export function systemKeychain(app: string): Keychain {
  return {
    async read() {
      const answer = await ask({ app });
      return answer === null ? null : bytesIn(answer);
    },
    async write(key) {
      await ask({ app, key: base64url(key) });
    },
  };
}

/** What the process does. On Linux, the library would fall back to memory of the kernel, which a reboot empties. */
const PROGRAM = `
const { path, app, key, patience } = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
// Nobody else ends it, should the process that asks be killed. A timer of this thread would hang with it.
const { Worker } = require("node:worker_threads");
new Worker("setTimeout(() => process.kill(process.pid, 'SIGKILL'), " + patience + ")", { eval: true }).unref();
const say = (answer) => process.stdout.write(JSON.stringify(answer));
async function run() {
  const { AsyncEntry } = require(path);
  const entry = new AsyncEntry("valetkey", app, { linux: { store: "secret-service" } });
  return key === undefined ? entry.getPassword() : entry.setPassword(key);
}
run().then((answer) => say({ answer }), ({ message }) => say({ error: message }));
`;

async function ask(question: { app: string; key?: string }): Promise<string | null> {
  const path = libraryPath();
  const patience = hasDisplay() ? WITH_DISPLAY : WITHOUT_DISPLAY;
  // In Electron, the program would open a window.
  const env = { ...process.env, ELECTRON_RUN_AS_NODE: "1" };
  const child = spawn(process.execPath, ["-e", PROGRAM], {
    ...{ env, windowsHide: true, timeout: patience, killSignal: "SIGKILL" },
    stdio: ["pipe", "pipe", "ignore"],
  });
  // One that hangs would stay when this process ends.
  const kill = (): void => void child.kill("SIGKILL");
  process.once("exit", kill);
  const ended = once(child, "close").finally(() => process.off("exit", kill));
  // It may have ended before it has read the question.
  child.stdin.on("error", () => {});
  child.stdin.end(JSON.stringify({ path, ...question, patience: patience + 1000 }));
  const [said, [, signal]] = await Promise.all([text(child.stdout), ended]);
  if (signal === "SIGKILL") throw new Error(`it did not answer within ${patience / 1000} s`);
  const { answer = null, error } = answerIn(said);
  if (error !== undefined) throw new Error(error);
  return answer;
}

function answerIn(said: string): { answer?: string | null; error?: string } {
  try {
    return JSON.parse(said);
  } catch {
    return { error: "its library ended without an answer" };
  }
}

/** @throws Error where the library can't be used */
function libraryPath(): string {
  const name = basename(process.execPath);
  // A single executable would start itself.
  const isRuntime = /^(?:node|bun)[\w.-]*$/i.test(name) && !isSingleExecutable();
  if (!isRuntime && !process.versions.electron)
    throw new Error(`${name} is a single executable, which can't ask it`);
  try {
    return createRequire(import.meta.url).resolve("@napi-rs/keyring");
  } catch {
    throw new Error("the package @napi-rs/keyring is not installed");
  }
}

const isSingleExecutable = (): boolean => process.getBuiltinModule?.("node:sea")?.isSea() ?? false;
