/** The addresses of `localhost` on the machine that runs the tests. */
import { networkInterfaces } from "node:os";

const addresses = Object.values(networkInterfaces()).flatMap((each) =>
  (each ?? []).map(({ address }) => address),
);

export const LOOPBACK: readonly string[] = ["127.0.0.1", "::1"].filter((each) =>
  addresses.includes(each),
);

/** As written in a URL. */
export const inUrl = (address: string): string =>
  address.includes(":") ? `[${address}]` : address;
