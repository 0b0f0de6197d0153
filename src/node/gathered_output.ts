/** Lines on their way out: those of one turn of the event loop leave together, since each write is a system call. */

/** @returns a function that takes text; what waits when the process ends is still written */
export function gatheredOutput(write: (text: string) => void): (text: string) => void {
  let waiting = "";
  const flush = (): void => {
    const text = waiting;
    waiting = "";
    if (text !== "") write(text);
  };
  process.once("exit", flush);
  return (text) => {
    if (waiting === "") setImmediate(flush);
    waiting += text;
  };
}
