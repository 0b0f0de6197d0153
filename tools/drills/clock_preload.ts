/**
 * Replaces the operating system's clock, which a server reads by `Date.now`: the parent process sets its time and
 * speed. The steady clock (`performance.now`) is unchanged, as on a real machine whose clock is set.
 */
const real = Date.now.bind(Date);
const { DRILL_CLOCK_ORIGIN: origin = real(), DRILL_CLOCK_SPEED: speed = 1 } = process.env;
let offset = 0;

Date.now = () => Math.round(Number(origin) + (real() - Number(origin)) * Number(speed)) + offset;

process.on("message", (message: { clock_ms?: number }) => {
  offset = message.clock_ms ?? offset;
});
// The channel for the time must not keep the process alive.
process.channel?.unref();
