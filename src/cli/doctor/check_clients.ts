/** Checks that each kind of client gets through its first minutes. */
import { describeReply, headerOf, isAnswer, type Reply } from "./ask.ts";
import { type Answers, jsonIn } from "./collect.ts";
import { type Finding, leftOut, ok, problem } from "./finding.ts";
import { DOCUMENT_HOST, type FirstMinutes, STATE } from "./first_minutes.ts";

type Known = Pick<Answers, "metadata" | "sign_in" | "bad_request"> & { first: FirstMinutes };

/** Other checks name the cause then. */
function isBroken({ sign_in, bad_request, metadata }: Known): boolean {
  const opens = isAnswer(sign_in) && sign_in.status === 200;
  const refuses = isAnswer(bad_request) && jsonIn(bad_request) !== null;
  return !opens || !refuses || metadata === null;
}

export function checkClients(known: Known): (Finding | null)[] {
  if (isBroken(known))
    return [leftOut("clients", "the requests of clients do not get through: see above")];
  return [
    checkRegistered(known),
    checkDocument(known),
    checkRegistering(known),
    checkDevice(known),
    checkUnknown(known),
  ];
}

function checkRegistered({ first: { registered }, metadata }: Known): Finding | null {
  const check = "registered_clients";
  if (!registered) return null;
  const { client, reply } = registered;
  const location = isAnswer(reply) ? headerOf(reply, "location") : null;
  const advice =
    "let the proxy leave Location and the query alone. nginx: proxy_redirect off; no rewrite in this location";
  if (!isAnswer(reply) || location === null || reply.status !== 303)
    return problem(
      check,
      `a silent request of ${client.client_id} is not answered at its redirect URI: ${describeReply(reply)}`,
      advice,
    );
  const [there, ...rest] = location.split(/[?#]/);
  const members = new URLSearchParams(rest.join("&"));
  const [expected] = client.redirect_uri.split("?");
  if (there !== expected)
    return problem(check, `the answer goes to ${there}, and not to ${expected}`, advice);
  if (members.get("state") !== STATE || members.get("iss") !== metadata?.issuer)
    return problem(check, "state or iss of the answer is not what the server sends", advice);
  return ok(check, `${client.client_id} is answered at its redirect URI (${members.get("error")})`);
}

function checkDocument({ first: { document }, metadata }: Known): Finding | null {
  const check = "document_clients";
  if (metadata?.client_id_metadata_document_supported !== true) return null;
  // The page names the host, so the address has arrived. The server fetches nothing from there.
  if (isAnswer(document) && document.status === 400 && document.body.includes(DOCUMENT_HOST))
    return ok(check, "a client may use the URL of its metadata document as its id");
  if (isAnswer(document) && document.status === 429)
    return leftOut(check, "the server has fetched enough for now (429)", "try again in a minute");
  return problem(
    check,
    `the URL of a document as client_id: ${describeReply(document)}, not the server's page`,
    "let the proxy pass on addresses in the query. Web application firewalls: no rule against URLs in parameters for /authorize",
  );
}

function checkRegistering({ first: { registration } }: Known): Finding | null {
  const check = "registering_clients";
  if (!registration) return null;
  const error = errorIn(registration);
  if (error === "invalid_redirect_uri") return ok(check, "clients can register themselves");
  if (error === "invalid_token" && isAnswer(registration) && registration.status === 401)
    return ok(check, "clients can register themselves with an initial access token");
  if (isAnswer(registration) && registration.status === 429)
    return leftOut(check, "the server has had enough registrations (429)", "try again in an hour");
  return problem(
    check,
    `a registration: ${describeReply(registration)}, not the server's refusal`,
    "let the proxy pass on POST with application/json to the registration endpoint",
  );
}

function checkDevice({ first: { device }, metadata }: Known): Finding | null {
  const check = "devices";
  if (typeof metadata?.device_authorization_endpoint !== "string") return null;
  if (isAnswer(device) && (device.status === 200 || device.status === 303))
    return ok(check, "people reach the page where they enter the code of a device");
  return problem(
    check,
    `/device: ${describeReply(device)}`,
    "let the proxy pass on everything below the issuer. nginx: location / { proxy_pass …; }",
  );
}

function checkUnknown({ first: { unknown } }: Known): Finding {
  const check = "well_known";
  const is_open = isAnswer(unknown) && headerOf(unknown, "access-control-allow-origin") === "*";
  if (isAnswer(unknown) && unknown.status === 404 && is_open)
    return ok(check, "other well-known addresses are 404, which clients in browsers can read");
  return problem(
    check,
    `a well-known address that is not there: ${describeReply(unknown)}${is_open ? "" : ", and scripts can't read it"}`,
    "let the proxy pass on all of /.well-known/, apart from what it answers itself",
  );
}

const errorIn = (reply: Reply): unknown => (isAnswer(reply) ? jsonIn(reply)?.error : null);
