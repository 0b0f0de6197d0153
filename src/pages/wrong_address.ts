import { address } from "./foreign.ts";
import { type Content, html } from "./html.ts";
import { sheet } from "./layout.ts";
import { fill } from "./texts.ts";
import type { Page, View } from "./view.ts";

export interface WrongAddressProps {
  /** The address of this page under the issuer's own origin. */
  readonly href: string;
  /** The issuer's host, as people see it. */
  readonly host: string;
  /** The received and the expected address, for a proxy that does not send its headers; null: not shown. */
  readonly proxy: { readonly received: ProxyView; readonly expected: ProxyView } | null;
}

interface ProxyView {
  readonly proto: string;
  readonly host: string;
}

/** Answer 421: pages exist only under the issuer's own origin. */
export function wrongAddressPage(props: WrongAddressProps, view: View): Page {
  const { texts } = view.language;
  const body = sheet(
    {
      who: html`<h1>${texts.wrong_address_heading}</h1>`,
      do: html`<p>${fill(texts.wrong_address_lead, { product: view.theme.product_name })}</p>
<p class="acts"><a class="button main" href="${props.href}"><span>${fill(texts.wrong_address_button, { host: address(props.host) })}</span></a></p>
${forOperator(props, view)}`,
    },
    view,
  );
  return { title: texts.wrong_address_title, body };
}

function forOperator({ proxy }: WrongAddressProps, view: View): Content {
  const { texts } = view.language;
  if (!proxy) return null;
  const { received, expected } = proxy;
  return html`<details class="fold" open><summary>${texts.wrong_address_proxy}</summary>
<div class="stack"><p>${texts.wrong_address_proxy_lead}</p>
<pre dir="ltr">X-Forwarded-Proto: ${expected.proto}
X-Forwarded-Host: ${expected.host}</pre>
<dl class="facts hint"><div><dt>${texts.wrong_address_expected}</dt><dd><code>${expected.proto}://${expected.host}</code></dd></div>
<div><dt>${texts.wrong_address_received}</dt><dd><code>${received.proto}://${received.host}</code></dd></div></dl></div>
</details>`;
}
