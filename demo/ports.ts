/**
 * The ports of the demo. They are not those of `valetkey start`, so that both run side by side, and so that commands for
 * the one server never print credentials that a person then tries at the other.
 */
export const PORTS = { server: 4100, snaps: 4101, printly: 4102 };
