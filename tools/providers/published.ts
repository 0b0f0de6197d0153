/** What the real providers publish about themselves, as the rows and the servers of the tests expect it. */
import {
  apple,
  discord,
  facebook,
  github,
  gitlab,
  google,
  microsoft,
  type Provider,
} from "../../src/sdk/client/client.ts";

export interface Published {
  provider: Provider;
  /** Address of the metadata; null: there is none. */
  document: string | null;
  /** Members of the metadata. `undefined`: it must not be there. */
  members: Record<string, unknown>;
}

const MICROSOFT = "https://login.microsoftonline.com/common";

export const PUBLISHED: readonly Published[] = [
  {
    provider: github,
    // Not needed for a sign-in: the row has the addresses.
    document: "https://github.com/.well-known/oauth-authorization-server/login/oauth",
    members: {
      issuer: github.issuer,
      ...github.endpoints,
      scopes_supported: ["offline_access"],
      authorization_response_iss_parameter_supported: true,
    },
  },
  {
    provider: google,
    document: `${google.issuer}/.well-known/openid-configuration`,
    members: {
      issuer: google.issuer,
      authorization_endpoint: "https://accounts.google.com/o/oauth2/v2/auth",
      token_endpoint: "https://oauth2.googleapis.com/token",
      revocation_endpoint: "https://oauth2.googleapis.com/revoke",
    },
  },
  {
    provider: microsoft,
    document: `${MICROSOFT}/v2.0/.well-known/openid-configuration`,
    members: {
      issuer: microsoft.issuer,
      authorization_endpoint: `${MICROSOFT}/oauth2/v2.0/authorize`,
      token_endpoint: `${MICROSOFT}/oauth2/v2.0/token`,
      revocation_endpoint: undefined,
    },
  },
  {
    provider: apple,
    document: `${apple.issuer}/.well-known/openid-configuration`,
    members: {
      issuer: apple.issuer,
      authorization_endpoint: "https://appleid.apple.com/auth/authorize",
      token_endpoint: "https://appleid.apple.com/auth/token",
      revocation_endpoint: "https://appleid.apple.com/auth/revoke",
      token_endpoint_auth_methods_supported: ["client_secret_post"],
    },
  },
  {
    provider: gitlab,
    document: `${gitlab.issuer}/.well-known/openid-configuration`,
    members: {
      issuer: gitlab.issuer,
      authorization_endpoint: "https://gitlab.com/oauth/authorize",
      token_endpoint: "https://gitlab.com/oauth/token",
      revocation_endpoint: "https://gitlab.com/oauth/revoke",
      userinfo_endpoint: "https://gitlab.com/oauth/userinfo",
    },
  },
  { provider: facebook, document: null, members: {} },
  {
    provider: discord,
    document: `${discord.issuer}/.well-known/oauth-authorization-server`,
    members: {
      issuer: discord.issuer,
      authorization_endpoint: "https://discord.com/api/oauth2/authorize",
      token_endpoint: "https://discord.com/api/oauth2/token",
      revocation_endpoint: "https://discord.com/api/oauth2/token/revoke",
      authorization_response_iss_parameter_supported: true,
    },
  },
];
