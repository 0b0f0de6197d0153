/** The pages of Snaps: the front page, and one for addresses without any. */
import { type Html, html, trusted } from "../../src/pages/html.ts";
import { type DemoPage, documentResponse } from "../document.ts";
import type { Picture } from "../pictures/pictures.ts";
import { mark, style } from "./style.ts";

export interface HomeProps {
  origin: string;
  issuer: string;
  printly_url: string;
  samples: readonly Picture[];
}

export function homePage(props: HomeProps): Response {
  const { printly_url, samples, origin } = props;
  const body = html`<div class="intro">
<h1>All your photos, in one quiet place.</h1>
<p>Snaps shows them to nobody, unless you allow an app to see them: then to that app, for as long as you like.</p>
<a class="button" href="${printly_url}/">Print some with Printly</a>
</div>
<ul class="wall" aria-label="Sample pictures">
${samples.map(sample)}
</ul>
<section class="pair" aria-labelledby="how">
<div>
<h2 id="how">How an app gets in</h2>
<p>Not with your password. You sign in at the server that Snaps trusts, read what the app asks for, and allow it or not. The app gets a key that opens just that.</p>
<p><a href="${printly_url}/walkthrough">Watch it happen, request by request</a></p>
</div>
<div>
<h2>What Snaps checks</h2>
<ol class="checks">
<li><b>Whose signature</b> is on the key: the server’s, by its public keys.</li>
<li><b>For whom</b> it was cut: for Snaps, and for nobody else.</li>
<li><b>What kind</b> it is: an access token, and it has not expired.</li>
<li><b>What it opens</b>: seeing photos, or changing them too.</li>
<li><b>Whether you still agree</b>: Snaps asks the server every two seconds what has ended, so “remove” takes effect within seconds.</li>
</ol>
</div>
</section>
<section id="api" aria-labelledby="api-title">
<h2 id="api-title">For those who build apps</h2>
${api()}
<pre><code>$ curl -i ${origin}/photos
HTTP/1.1 401 Unauthorized
WWW-Authenticate: Bearer scope="photos.read", resource_metadata="${origin}/.well-known/oauth-protected-resource"</code></pre>
</section>`;
  return framed(props, { title: "Snaps", body });
}

type Places = Pick<HomeProps, "issuer" | "printly_url">;

export function missingPage(places: Places): Response {
  const body = html`<div class="intro">
<h1>There is no picture here.</h1>
<p>Snaps has nothing at this address.</p>
<a class="button" href="/">Go to the front page</a>
</div>`;
  return framed(places, { title: "Not found", body }, 404);
}

function framed({ issuer, printly_url }: Places, page: DemoPage, status = 200): Response {
  const body = html`<header class="bar">
<a class="mark" href="/">${trusted(mark)}Snaps</a>
<nav aria-label="The demo"><a href="${printly_url}/">Printly</a><a href="${printly_url}/walkthrough">Walkthrough</a><a href="${issuer}/account">Your account</a></nav>
</header>
<main>
${page.body}
</main>
<footer><p>Snaps is part of the Valetkey demo. Nobody took these photos: a program drew each of them.</p></footer>`;
  return documentResponse(
    { ...page, body },
    { site: "Snaps", style, icon: mark, colours: ["#fbfdff", "#0b131b"] },
    status,
  );
}

function sample({ id, alt, shape, width, height }: Picture): Html {
  return html`<li class="${shape}"><img src="/samples/${id}.svg" alt="${alt}" width="${width}" height="${height}"></li>
`;
}

function api(): Html {
  const row = (request: string, scope: string, what: string): Html =>
    html`<tr><th scope="row"><code>${request}</code></th><td><code>${scope}</code></td><td>${what}</td></tr>
`;
  return html`<table class="api">
<caption>Send an access token as <code>Authorization: Bearer …</code></caption>
<thead><tr><th scope="col">Request</th><th scope="col">Needs</th><th scope="col">Gives</th></tr></thead>
<tbody>
${row("GET /photos", "photos.read", "The person’s photos: titles, sizes, notes")}${row("POST /photos?title=…", "photos.write", "Uploads a photo, as SVG")}${row("GET /photos/ID.svg", "photos.read", "One picture")}${row("POST /photos/ID/notes", "photos.write", "Writes a note on the back of a photo")}</tbody>
</table>`;
}
