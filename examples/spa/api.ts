/** The API of the app: the notes of people, in memory. */
import { Hono } from "hono";
import { cors } from "hono/cors";
import { type Access, protect } from "valetkey/resource-server";
import { hono } from "valetkey/resource-server/hono";

export interface ApiOptions {
  issuer: string;
  audience: string;
  /** Of the app: its pages may ask. */
  origin: string;
}

export function createApi({ issuer, audience, origin }: ApiOptions) {
  const guard = protect({ issuer, audience, name: "Notes" });
  const notes = new Map<string, string[]>();
  const app = new Hono<{ Variables: { access: Access } }>();
  // Before the guard: a browser first asks without a token whether the app may send one.
  app.use(cors({ origin }));
  app.use(hono(guard, { scopes: ["notes"] }));

  app.get("/notes", (c) => c.json(notes.get(c.var.access.sub) ?? []));

  app.post("/notes", async (c) => {
    const { sub } = c.var.access;
    notes.set(sub, [...(notes.get(sub) ?? []), await c.req.text()]);
    return c.json(notes.get(sub), 201);
  });

  return app;
}
