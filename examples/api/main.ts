/** Starts the API, an issuer in memory, and prints requests to try. Your API gets the address of your issuer instead. */
import { createInterface } from "node:readline";
import { serve } from "@hono/node-server";
import { startIssuer } from "valetkey/testing";
import { createApi } from "./api.ts";

const { PORT = "3000" } = process.env;
const audience = `http://localhost:${PORT}`;
const issuer = await startIssuer();
const api = createApi({ issuer: issuer.issuer, audience });
serve({ fetch: api.fetch, hostname: "localhost", port: Number(PORT) });

const tokenWith = (scope: string) => issuer.tokenFor("ada", { audience, scope, expiresIn: 3600 });

console.log(`
READ=${await tokenWith("photos.read")}
WRITE=${await tokenWith("photos.read photos.write")}

curl -i ${audience}/photos                                                       # 401
curl -i -H "Authorization: Bearer $WRITE" -d sunset.jpg ${audience}/photos       # 201
curl -i -H "Authorization: Bearer $READ" ${audience}/photos                      # 200
curl -i -H "Authorization: Bearer $READ" -d sunrise.jpg ${audience}/photos       # 403

Snaps listens. Press Enter to revoke both tokens: the API refuses them within 2.5 seconds.`);

for await (const _ of createInterface(process.stdin)) {
  issuer.fault.revoke("ada");
  console.log("Revoked.");
}
