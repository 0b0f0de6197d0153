/** Makes a new secret for an app of a person. Its form names the secret that it replaces, so it has one effect. */
import { appIdentity } from "../clients/app_identity.ts";
import { rotateSecret } from "../clients/change_client.ts";
import { newestSecret } from "../clients/client_secret.ts";
import { connectionOf } from "../clients/connection.ts";
import type { HttpResponse } from "../http/message.ts";
import type { Params } from "../oauth/params.ts";
import { appSecretPage } from "../pages/account/app_secret.ts";
import type { ClientRecord } from "../store/records.ts";
import { showDone } from "./register_app.ts";
import { type AccountVisit, unknownIntent } from "./visit.ts";

export async function newSecret(
  params: Params,
  client: ClientRecord,
  visit: AccountVisit,
): Promise<HttpResponse> {
  const { ctx, by, frame, view, render } = visit;
  const { client_id } = client;
  const keep_old = params.get("keep_old") === "yes";
  // After a reload, another secret is the newest one.
  if (params.get("replaces") !== newestSecret(client.secrets))
    return showDone("again", client_id, visit);
  const made = await rotateSecret({ client, keep_old }, by, ctx);
  if (made === "no_secret") throw unknownIntent();
  // The app was changed since it was read, perhaps by the same form: its page shows the present state.
  if (made === "changed_meanwhile") return showDone("again", client_id, visit);
  ctx.log.info("client secret replaced", { event_id: ctx.event_id, client_id });
  const props = {
    frame,
    app: { name: appIdentity(client).name, client_id },
    reason: "new_secret" as const,
    connection: connectionOf(made.client, made.client_secret, ctx.catalogue),
    old_secret_until: keep_old ? made.old_secret_until : null,
  };
  return render(appSecretPage(props, view));
}
