/** The floor of sign-ins: nothing but the hash, one after the other, with the parameters that Valetkey uses. */
import { verify } from "@node-rs/argon2";
import { hashPassword } from "../../../src/people/password.ts";
import { endWithParent } from "../child.ts";
import { PASSWORD } from "../scenarios.ts";

export interface HashLoop {
  hashes: number;
  seconds: number;
  cpu_us: number;
}

const hash = await hashPassword(PASSWORD);

process.on("message", async ({ seconds }: { seconds: number }) => {
  const before = process.cpuUsage();
  const begin = performance.now();
  let hashes = 0;
  for (; performance.now() < begin + seconds * 1000; hashes += 1) await verify(hash, PASSWORD);
  const { user, system } = process.cpuUsage(before);
  const took = (performance.now() - begin) / 1000;
  process.send?.({ hashes, seconds: took, cpu_us: user + system } satisfies HashLoop);
});
endWithParent(async () => {});
