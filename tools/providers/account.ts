/** The client of somebody's account at a provider, from the environment. */
import { importPKCS8 } from "jose";
import { type Client, createClient, type Provider } from "../../src/sdk/client/client.ts";

/** The variables that a provider needs, without its name in front. */
export const variablesOf = ({ id, auth }: Provider): string[] => {
  const prefix = id.toUpperCase();
  const secret = auth === "apple" ? ["PRIVATE_KEY", "TEAM_ID", "KEY_ID"] : ["CLIENT_SECRET"];
  const tenants = id === "microsoft" ? ["TENANT_ID"] : [];
  return ["CLIENT_ID", ...secret, ...tenants].map((name) => `${prefix}_${name}`);
};

/** @returns null when a variable is missing */
export async function clientOf(
  provider: Provider,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Client | null> {
  const prefix = provider.id.toUpperCase();
  if (variablesOf(provider).some((name) => !env[name])) return null;
  const value = (name: string): string => env[`${prefix}_${name}`] ?? "";
  const clientId = value("CLIENT_ID");
  if (provider.auth === "apple") {
    const privateKey = await importPKCS8(value("PRIVATE_KEY"), "ES256");
    const row = { ...provider, teamId: value("TEAM_ID"), keyId: value("KEY_ID") };
    return createClient({ provider: row, clientId, privateKey });
  }
  const row =
    provider.id === "microsoft" ? { ...provider, tenants: [value("TENANT_ID")] } : provider;
  return createClient({ provider: row, clientId, clientSecret: value("CLIENT_SECRET") });
}
