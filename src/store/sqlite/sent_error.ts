/** Carries database errors to another process. Their class has to arrive, since responses depend on it. */
import { AlreadyThere, DatabaseError, DatabaseUnavailable, NothingChanged } from "../sql/driver.ts";

export interface SentError {
  name: string;
  message: string;
  hint?: string;
}

export function packError(error: unknown): SentError {
  if (!(error instanceof Error)) return { name: "Error", message: String(error) };
  const { name, message } = error;
  const hint = "hint" in error && typeof error.hint === "string" ? error.hint : null;
  return { name, message, ...(hint !== null && { hint }) };
}

export function unpackError(sent: SentError | undefined): Error {
  const { name, message, hint } = sent ?? { name: "Error", message: "no answer" };
  if (name === "NothingChanged") return new NothingChanged(message);
  if (name === "AlreadyThere") return new AlreadyThere(message);
  if (name === "DatabaseError") return new DatabaseError(message, hint ?? "");
  if (name === "DatabaseUnavailable")
    return new DatabaseUnavailable(message, hint === undefined ? {} : { hint });
  return new Error(message);
}
