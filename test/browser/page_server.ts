/** Serves the samples like a real server: with their Content-Security-Policy, on an origin of their own. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { renderDocument } from "../../src/pages/document.ts";
import type { View } from "../../src/pages/view.ts";
import { samples } from "./page_samples.ts";
import { accents, looks } from "./sample_views.ts";

/** `http://127.0.0.1:PORT/LOOK/SAMPLE`; a posted form is answered with its body as plain text. */
export async function servePages(): Promise<{ origin: string; close(): Promise<void> }> {
  const server = createServer(async (request, response) => {
    if (request.method === "POST") {
      let body = "";
      for await (const chunk of request) body += chunk;
      response.writeHead(200, { "content-type": "text/plain; charset=utf-8" }).end(body);
      return;
    }
    // A plain answer to a form has no icon of its own, so the browser asks for one.
    if (request.url === "/favicon.ico") {
      response.writeHead(204).end();
      return;
    }
    const [, look_name = "", sample = ""] = (request.url ?? "").split("/");
    const view = Object.entries<View>({ ...looks, ...accents }).find(
      ([name]) => name === look_name,
    )?.[1];
    const draw = Object.hasOwn(samples, sample) ? samples[sample] : undefined;
    if (!view || !draw) {
      response.writeHead(404).end();
      return;
    }
    const { html, content_security_policy } = renderDocument(draw(view), view);
    response
      .writeHead(200, {
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": content_security_policy,
        "referrer-policy": "no-referrer",
      })
      .end(html);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
