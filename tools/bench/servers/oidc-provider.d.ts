/** The part of oidc-provider that the benchmark uses: the package has no types. */
declare module "oidc-provider" {
  import type { IncomingMessage, ServerResponse } from "node:http";

  /** A kind of token or record: made from its fields, kept by the adapter. */
  export interface Model {
    new (fields?: Record<string, unknown>): Instance;
    find(id: string): Promise<Instance | undefined>;
  }
  export interface Instance {
    jti: string;
    addOIDCScope(scope: string): void;
    addResourceScope(resource: string, scope: string): void;
    /** @returns the token, as the client gets it */
    save(): Promise<string>;
    destroy(): Promise<void>;
  }
  export interface RequestContext {
    oidc: {
      client: { clientId: string; clientAuthMethod: string };
      params: { scope?: string };
      session: { uid: string };
    };
  }

  export class Provider {
    constructor(issuer: string, configuration: Record<string, unknown>);
    callback(): (request: IncomingMessage, response: ServerResponse) => void;
    interactionFinished(
      request: IncomingMessage,
      response: ServerResponse,
      result: { login: { accountId: string }; consent?: object } | { error: string },
    ): Promise<void>;
    Client: { find(client_id: string): Promise<{ clientId: string }> };
    Session: { findByUid(uid: string): Promise<object | undefined> };
    ResourceServer: new (
      id: string,
      info: object,
    ) => object;
    Grant: Model;
    AuthorizationCode: Model;
    RefreshToken: Model;
    AccessToken: Model;
  }
}
