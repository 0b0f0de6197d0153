/** Builds and starts the app, with an issuer in memory. Yours has `next build` and `next start` as scripts instead. */
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { startIssuer } from "valetkey/testing";

const { PORT = "3000" } = process.env;
const origin = `http://localhost:${PORT}`;
const issuer = await startIssuer({ people: "ask" });
const { client_id, client_secret = "" } = await issuer.addClient({
  client_name: "Next app",
  redirect_uris: [`${origin}/auth/callback`],
  post_logout_redirect_uris: [`${origin}/`],
});

const [code] = await once(next(["build"]), "exit");
if (code !== 0) process.exit(1);
const app = next(["start", "--port", PORT, "--hostname", "localhost"], {
  SECRET: randomBytes(32).toString("base64"), // a fixed one keeps sessions over a restart
  OIDC_ISSUER: issuer.issuer,
  OIDC_CLIENT_ID: client_id,
  OIDC_CLIENT_SECRET: client_secret,
});
app.once("exit", () => process.exit());
console.log(`Next app  ${origin}     sign in as ada, password ${issuer.password}`);

function next(args: string[], env: Record<string, string> = {}): ChildProcess {
  const child = spawn(process.execPath, ["node_modules/next/dist/bin/next", ...args], {
    env: { ...process.env, NEXT_TELEMETRY_DISABLED: "1", ...env },
    stdio: ["ignore", "inherit", "inherit"],
  });
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => child.kill());
  return child;
}
