/** The token with which a platform says what runs on it: read here, and used by nothing yet. */
import { readFile } from "node:fs/promises";
import { isJsonObject } from "../../../oauth/json.ts";
import { AuthError } from "../../errors.ts";
import { boundedFetch, readJson } from "../../fetch.ts";
import { unreadable } from "./storage_error.ts";

/**
 * The token of a job of GitHub Actions, or the one in the file that `APP_WORKLOAD_TOKEN_FILE` names.
 * @param prefix beginning of the name of the variable, such as `SNAPS`
 * @param audience the issuer that it is for
 * @returns null where there is none
 * @throws AuthError `storage_unreadable`, `issuer_unreachable`, `invalid_response`
 */
export async function workloadToken(prefix: string, audience: string): Promise<string | null> {
  const { env } = process;
  const path = env[`${prefix}_WORKLOAD_TOKEN_FILE`];
  if (path) {
    try {
      return (await readFile(path, "utf8")).trim();
    } catch (error) {
      throw unreadable(path, error);
    }
  }
  const { ACTIONS_ID_TOKEN_REQUEST_URL: address, ACTIONS_ID_TOKEN_REQUEST_TOKEN: token } = env;
  return address && token ? fromActions(address, { token, audience }) : null;
}

async function fromActions(
  address: string,
  { token, audience }: { token: string; audience: string },
): Promise<string> {
  const url = new URL(address);
  url.searchParams.set("audience", audience);
  const response = await boundedFetch()(url, { headers: { authorization: `Bearer ${token}` } });
  const body = await readJson(response);
  if (response.ok && isJsonObject(body) && typeof body.value === "string") return body.value;
  throw new AuthError(
    "invalid_response",
    `GitHub Actions answered with status ${response.status}`,
    {
      hint: "give the job the permission id-token: write",
      status: response.status,
    },
  );
}
