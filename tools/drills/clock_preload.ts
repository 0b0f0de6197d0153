/**
 * The operating system's clock as a server sees it, which reads it by `Date.now`: set by whoever started it, and
 * running as fast as it says. What counts from the start of the machine (`performance.now`) is left alone, as on a
 * real machine whose clock is set.
 */
const real = Date.now.bind(Date);
const { DRILL_CLOCK_ORIGIN: origin = real(), DRILL_CLOCK_SPEED: speed = 1 } = process.env;
let offset = 0;

Date.now = () => Math.round(Number(origin) + (real() - Number(origin)) * Number(speed)) + offset;

process.on("message", (message: { clock_ms?: number }) => {
  offset = message.clock_ms ?? offset;
});
// Being told the time must not keep the process.
process.channel?.unref();
