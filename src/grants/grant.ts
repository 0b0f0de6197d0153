/** What a grant type is: it decides and writes nothing. Adding one is one file and one line in the list. */
import type { Context } from "../context.ts";
import { isConfidential } from "../oauth/client_metadata.ts";
import type { Params } from "../oauth/params.ts";
import type { ClientRecord } from "../store/records.ts";
import type { Decision } from "../tokens/authorization.ts";

export interface Grant {
  /** As clients register it and requests name it. */
  readonly grant_type: string;
  /**
   * @throws OAuthError; it may punish a proven leak by revoking, and writes nothing else
   */
  decide(params: Params, client: ClientRecord, ctx: Context): Promise<Decision>;
}

/** Whether the client is registered for a grant type that this server offers. */
export const mayUse = (
  grant_type: string,
  { metadata }: ClientRecord,
  { accepted_metadata }: Context,
): boolean =>
  metadata.grant_types.includes(grant_type) && accepted_metadata.grant_types.includes(grant_type);

/** Whether a token is bound to more than its possession: then it is not rotated (FAPI 2.0 §5.3.2.1). */
export const isRotated = (client: ClientRecord): boolean => !isConfidential(client.metadata);
