/** What all requests to a provider have in common. */
import * as oauth from "oauth4webapi";
import { AuthError } from "../errors.ts";
import { boundedFetch } from "../fetch.ts";
import type { Party } from "./party.ts";

/** For every request of oauth4webapi. http reaches loopback addresses only: `server.ts` has checked them. */
export const REQUEST = {
  [oauth.customFetch]: (url: string, init: RequestInit) => boundedFetch(url, init),
  [oauth.allowInsecureRequests]: true,
};

/** Every error names the provider. */
export async function withName<T>({ provider }: Party, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof AuthError && provider) error.provider ??= provider.id;
    throw error;
  }
}
