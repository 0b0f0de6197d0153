/** The kinds of origins that a transaction can have. */
import { appDocuments, appIdentity } from "../clients/app_identity.ts";
import type { Context } from "../context.ts";
import type { AppDocuments, AppIdentity } from "../pages/app.ts";
import { clientInProgress } from "./find_client.ts";
import { deviceOrigin } from "./from_device.ts";
import { redirectOrigin } from "./from_redirect.ts";
import type { Origin } from "./origin.ts";
import type { Transaction } from "./transaction.ts";

export const originOf = ({ from }: Pick<Transaction, "from">): Origin =>
  from.kind === "device" ? deviceOrigin(from) : redirectOrigin(from);

/** The app of a transaction, for the heading of a page; null where there is none. */
export async function appOf(
  tx: Pick<Transaction, "asked" | "from"> | null,
  ctx: Pick<Context, "store" | "fetched" | "now">,
): Promise<AppIdentity | null> {
  const client = tx && (await clientInProgress(tx.asked.client_id, ctx));
  return client && tx ? appIdentity(client, originOf(tx).redirect_uri ?? undefined) : null;
}

/** What the app of a transaction shows of itself; null where there is no app. */
export async function documentsOf(
  tx: Pick<Transaction, "asked"> | null,
  ctx: Pick<Context, "store" | "fetched" | "now">,
): Promise<AppDocuments | null> {
  const client = tx && (await clientInProgress(tx.asked.client_id, ctx));
  return client && appDocuments(client);
}
