/** The API of the tool: the notes of people, in memory. */
import { Hono } from "hono";
import { type Access, protect } from "valetkey/resource-server";
import { hono } from "valetkey/resource-server/hono";

export function createApi({ issuer, audience }: { issuer: string; audience: string }) {
  const guard = protect({ issuer, audience, name: "Notes" });
  const notes = new Map<string, string[]>();
  const app = new Hono<{ Variables: { access: Access } }>();
  app.use(hono(guard, { scopes: ["notes"] }));

  app.get("/notes", (c) => c.text((notes.get(c.var.access.sub) ?? ["No notes."]).join("\n")));

  app.post("/notes", async (c) => {
    const { sub } = c.var.access;
    notes.set(sub, [...(notes.get(sub) ?? []), await c.req.text()]);
    return c.text("Written.", 201);
  });

  return app;
}
