/** Why a worker could not begin, as it said so itself: with the name and hint that the error had there. */
import type { SentError } from "../store/sqlite/sent_error.ts";

export class WorkerError extends Error {
  override readonly name: string;
  readonly hint: string | undefined;
  constructor({ name, message, hint }: SentError) {
    super(message);
    this.name = name;
    this.hint = hint;
  }
}
