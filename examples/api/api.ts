/** Snaps: an API for the photos of people. Apps call it with access tokens of the issuer. */
import { Hono } from "hono";
import { type Access, protect } from "valetkey/resource-server";
import { hono, metadata } from "valetkey/resource-server/hono";

export function createApi({ issuer, audience }: { issuer: string; audience: string }) {
  const guard = protect({ issuer, audience, name: "Snaps" });
  const photos = new Map<string, string[]>();
  const app = new Hono<{ Variables: { access: Access } }>();

  // Tells apps that get a 401 where tokens come from.
  app.use(metadata(guard));

  app.get("/photos", hono(guard, { scopes: ["photos.read"] }), (c) =>
    c.json(photos.get(c.var.access.sub) ?? []),
  );

  app.post("/photos", hono(guard, { scopes: ["photos.write"] }), async (c) => {
    const { sub } = c.var.access;
    photos.set(sub, [...(photos.get(sub) ?? []), await c.req.text()]);
    return c.json(photos.get(sub), 201);
  });

  return app;
}
