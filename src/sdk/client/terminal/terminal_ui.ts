/** What the person sees and answers in a terminal: all of it on stderr, since stdout belongs to the app. */
import { createInterface } from "node:readline";
import { AuthError } from "../../errors.ts";
import type { Ui } from "./options.ts";

/** Columns from which a QR code fits. */
const WIDE = 60;

/** A question stands below what is drawn. */
let drawing: Promise<void> = Promise.resolve();

export const terminalUi: Ui = {
  show(line) {
    process.stderr.write(`${line}\n`);
  },
  async ask(question, signal) {
    await drawing;
    const { stdin: input, stderr: output } = process;
    // In raw mode, which it leaves when it is closed: a terminal cuts a longer line at 4,096 characters.
    const lines = createInterface({ input, output, terminal: input.isTTY === true });
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const stop = (): void => reject(left());
    signal.addEventListener("abort", stop);
    lines.on("close", stop);
    // In raw mode, Ctrl-C is a character.
    lines.on("SIGINT", () => process.emit("SIGINT", "SIGINT"));
    if (signal.aborted) stop();
    else lines.question(question, resolve);
    return promise.finally(() => {
      signal.removeEventListener("abort", stop);
      lines.close();
      // Otherwise it would keep this process alive.
      input.pause();
      if (signal.aborted) output.write("\n");
    });
  },
  qr(url) {
    if ((process.stderr.columns ?? 0) < WIDE) return;
    // Without it, there are still the address and the code.
    drawing = draw(url).catch(() => {});
  },
};

/** Loaded when it is needed, as most commands sign nobody in. */
async function draw(url: string): Promise<void> {
  const { renderUnicodeCompact } = await import("uqr");
  process.stderr.write(`${renderUnicodeCompact(url, { border: 2 })}\n`);
}

const left = (): AuthError =>
  new AuthError("cancelled", "the question was not answered", {
    hint: "call again when it is wanted",
  });
