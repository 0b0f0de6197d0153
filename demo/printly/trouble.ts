/** Failures between Printly and the other sites that Printly has words for. */
export type TroubleKind =
  /** The person said no. Nothing is wrong. */
  | "denied"
  /** An answer to a question that nobody here remembers: an old link, or Printly was restarted. */
  | "stale"
  /** The permission was taken back, or has ended. */
  | "withdrawn"
  /** The person allowed something, but not this. */
  | "not_allowed"
  /** The server refused in a way that is ours to explain to developers. */
  | "refused"
  | "server_down"
  | "snaps_down";

export class Trouble extends Error {
  override readonly name = "Trouble";
  readonly kind: TroubleKind;
  constructor(kind: TroubleKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

/** Runs `ask`; a connection that fails is trouble of this kind. */
export async function reach<T>(
  kind: "server_down" | "snaps_down",
  ask: () => Promise<T>,
): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    // This is how `fetch` says that nobody answered.
    if (error instanceof TypeError && error.message === "fetch failed")
      throw new Trouble(kind, "nobody answers", { cause: error });
    throw error;
  }
}
