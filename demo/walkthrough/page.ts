/** The walkthrough: the messages of this visitor's story, in order, between three columns. */

import { attributes, type Content, type Html, html } from "../../src/pages/html.ts";
import type { User } from "../../src/sdk/client/web/web.ts";
import { connectLink, framed, type Places } from "../printly/pages/frame.ts";
import type { Chapter, Message, Party, Told } from "../recorder.ts";
import { exchange } from "./exchange.ts";
import { tell } from "./story.ts";
import { style_walkthrough } from "./style.ts";

export interface WalkthroughProps {
  places: Places;
  user: User | null;
  chapters: readonly Chapter[];
  /** The story of the command-line tool of this person. */
  tool: readonly Chapter[];
}

export const NAMES: Record<Party, string> = {
  printly: "Printly",
  server: "Valetkey",
  snaps: "Snaps",
  tool: "Terminal",
};

export function walkthroughPage({ places, user, chapters, tool }: WalkthroughProps): Response {
  const body = html`<div class="walk-head">
<h1>What the three said to each other</h1>
<p class="lead">${chapters.length > 0 ? "Every row is a real request, recorded as it was sent. Open one to read it: secrets are shortened, and tokens are explained claim by claim." : "Every request between Printly, the server and Snaps will appear here."}</p>
</div>
${chapters.length > 0 ? diagram(chapters, "printly") : nothingYet(tool.length > 0)}
${(chapters.length > 0 || tool.length > 0) && legend()}
${tool.length > 0 && terminal(tool)}
${chapters.length > 0 && whatNext(places, user)}`;
  return framed({
    title: "Walkthrough",
    body,
    places,
    user,
    here: "walkthrough",
    kind: "walkthrough",
    more_style: style_walkthrough,
  });
}

/** @param toolAsked the tool has been used */
function nothingYet(toolAsked: boolean): Html {
  return html`<div class="empty">
<p>${toolAsked ? "Printly has asked for nothing yet." : "Nothing has happened yet."} Begin, come back here, and watch.</p>
${connectLink("Print your Snaps photos")}
</div>`;
}

function terminal(chapters: readonly Chapter[]): Html {
  return html`<div class="walk-head" id="terminal">
<h2>And in your terminal</h2>
<p class="lead">What the command-line tool of Snaps asked for you, as Snaps saw it. It signed you in by your browser or by a code, and has no secret of its own.</p>
</div>
${diagram(chapters, "tool")}`;
}

/** @param first the party on the left */
function diagram(chapters: readonly Chapter[], first: "printly" | "tool"): Html {
  let number = 0;
  const heading = (title: string): Html =>
    first === "tool" ? html`<h3>${title}</h3>` : html`<h2>${title}</h2>`;
  const told = chapters.map(({ title, messages }, i) => {
    const latest = first === "printly" && i === chapters.length - 1;
    const steps = messages.map((message) => {
      number += 1;
      return html`${step(message, number)}${isDeparture(message) && interlude()}`;
    });
    return html`<section${attributes({ id: latest ? "latest" : null })}>${heading(title)}
<ol class="steps-told" start="${number - messages.length + 1}">
${steps}
</ol></section>
`;
  });
  return html`<div class="diagram">
<div class="parties" aria-hidden="true"><span></span><div>${([first, "server", "snaps"] as const).map((party) => html`<b class="${party}">${NAMES[party]}</b>`)}</div></div>
${told}
</div>`;
}

function legend(): Html {
  return html`<p class="legend"><span><i class="solid"></i>from server to server</span><span><i class="dashed"></i>through your browser</span></p>`;
}

function step(message: Told, number: number): Html {
  const { from, to, channel, method, url, answer, repeated, earlier } = message;
  const { title, why } = tell(message);
  const { pathname } = new URL(url);
  const status = answer && (answer.status < 400 ? "good" : "bad");
  return html`<li><details>
<summary>
<span class="title"><span class="turn" aria-hidden="true"></span><span class="number">${number}</span><span class="what">${title}</span></span>
<span class="lane ${from} to-${to} by-${channel}">
<span class="ends"><span class="${from}">${NAMES[from]}</span> <span aria-hidden="true">→</span><span class="hidden">to</span> <span class="${to}">${NAMES[to]}</span></span>
<span class="ask"><code>${method} ${pathname}</code>${repeated > 0 && html` <span class="times">× ${repeated + 1}</span>`}</span>
${answer ? html`<span class="back ${status}"><code>${answer.status}</code> <span class="ms">${earlier ? "asked before you came" : `${answer.milliseconds} ms`}</span></span>` : html`<span class="back via">through your browser</span>`}
</span>
</summary>
<div class="opened">
${why !== "" && html`<p class="why">${why}</p>`}
${exchange(message)}
</div>
</details></li>
`;
}

const isDeparture = ({ channel, to }: Message): boolean => channel === "front" && to === "server";

/** The part that Printly can't record. */
function interlude(): Html {
  return html`<li class="interlude"><p>Here you and the server are by yourselves: you sign in, read what is asked, and decide. Printly sees none of it.</p></li>
`;
}

function whatNext({ issuer }: Places, user: User | null): Content {
  if (!user) return html`<div class="next">${connectLink("Connect again")}</div>`;
  return html`<div class="next">
<h2>Go on</h2>
<p>Look at <a href="/photos">your photos</a> again in a minute: the access token is then about to expire, and Printly gets a new one.</p>
<p>Or take the permission back at the server, under <a href="${issuer}/account">connected apps</a>, and look at your photos a moment later.</p>
</div>`;
}
