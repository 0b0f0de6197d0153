/** Facebook as its row describes it. */
import {
  type Answer,
  bearer,
  CLIENT,
  isClient,
  type Loopback,
  loopback,
  memory,
  redirect,
  wrongRequest,
} from "./loopback.ts";

const DAY = 86_400;

export interface FacebookSettings {
  /** Left out: the person has none, or keeps it. */
  email?: string;
  denies?: boolean;
}

export async function facebookServer(settings: FacebookSettings = {}): Promise<Loopback> {
  const { codeFor, redeem } = memory();
  const tokens = new Set<string>();

  function authorize(asked: URLSearchParams): Response {
    const to = asked.get("redirect_uri") ?? "";
    const state = asked.get("state");
    // Scopes are separated by commas.
    if (wrongRequest(asked) !== null || asked.get("scope")?.includes(" "))
      return new Response("Invalid Scopes", { status: 500 });
    if (settings.denies)
      return redirect(
        to,
        {
          ...{ error: "access_denied", error_code: "200", error_reason: "user_denied", state },
          error_description: "Permissions error",
        },
        "#_=_",
      );
    return redirect(to, { code: codeFor(asked), state }, "#_=_");
  }

  function grant(expires_in: number): Response {
    const access_token = `EAAG${tokens.size}`;
    tokens.add(access_token);
    return Response.json({ access_token, token_type: "bearer", expires_in });
  }

  function exchange(form: URLSearchParams, headers: Headers): Response {
    if (form.get("client_id") !== CLIENT.clientId)
      return refuse(101, "Error validating application. Cannot get application info.");
    if (!isClient(form, "post", headers)) return refuse(1, "Error validating client secret.");
    if (form.get("grant_type") === "fb_exchange_token") {
      const token = form.get("fb_exchange_token") ?? "";
      return tokens.has(token)
        ? grant(60 * DAY)
        : refuse(190, "Error validating access token: Session has expired.", 463);
    }
    const asked = redeem(form);
    if (asked === "used") return refuse(100, "This authorization code has been used.", 36_009);
    return typeof asked === "string"
      ? refuse(100, "Error validating verification code.", 36_008)
      : grant(5183);
  }

  function me(request: Request, fields: string): Response {
    if (!tokens.has(bearer(request) ?? ""))
      return refuse(190, "Invalid OAuth access token - Cannot parse access token");
    const { email } = settings;
    const url = "https://platform-lookaside.test/ada";
    const all: Record<string, unknown> = {
      ...{ id: "10158000000000001", name: "Ada Lovelace", email },
      picture: { data: { height: 50, is_silhouette: false, url, width: 50 } },
    };
    // Only what is asked for, and the id.
    return Response.json(Object.fromEntries(fields.split(",").map((name) => [name, all[name]])));
  }

  const answer: Answer = async (request) => {
    const { host, pathname, searchParams } = new URL(request.url);
    if (host === "www.facebook.com" && pathname === "/dialog/oauth") return authorize(searchParams);
    if (pathname === "/me") return me(request, searchParams.get("fields") ?? "id,name");
    return exchange(new URLSearchParams(await request.text()), request.headers);
  };
  return loopback(["www.facebook.com", "graph.facebook.com"], answer);
}

function refuse(code: number, message: string, error_subcode?: number): Response {
  const error = { message, type: "OAuthException", code, error_subcode, fbtrace_id: "AbC" };
  return Response.json({ error }, { status: 400 });
}
