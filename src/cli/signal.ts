/** Waits for the signal that stops a long-running command. */

/** Resolves at the first SIGTERM or SIGINT. A second one then ends the process at once. */
export async function stopSignal(): Promise<NodeJS.Signals> {
  const signal = await nextSignal();
  void nextSignal().then(() => process.exit(1));
  return signal;
}

function nextSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const heard = (signal: NodeJS.Signals) => {
      process.off("SIGTERM", heard);
      process.off("SIGINT", heard);
      resolve(signal);
    };
    process.on("SIGTERM", heard);
    process.on("SIGINT", heard);
  });
}
