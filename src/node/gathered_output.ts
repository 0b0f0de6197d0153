/** Lines on their way out: those of one turn of the event loop leave together, since each write is a system call. */

/** A pipe takes 4 KiB in one piece: more could be cut up by the lines of another worker. */
const MOST = 3000;

/** @returns a function that takes lines; what waits when the process ends is still written */
export function gatheredOutput(write: (text: string) => void): (line: string) => void {
  let waiting = "";
  const flush = (): void => {
    const text = waiting;
    waiting = "";
    if (text !== "") write(text);
  };
  process.once("exit", flush);
  return (line) => {
    if (waiting.length + line.length > MOST) flush();
    if (waiting === "") setImmediate(flush);
    waiting += line;
  };
}
