/** Errors name the provider. */
import { AuthError } from "../errors.ts";
import type { Party } from "./party.ts";

export async function explained<T>({ provider }: Party, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof AuthError && provider) error.provider ??= provider.id;
    throw error;
  }
}
