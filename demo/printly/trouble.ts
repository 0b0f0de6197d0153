/** Failures between Printly and the other sites that Printly has words for. */
export type TroubleKind =
  /** The person refused, which is no error. */
  | "denied"
  /** A response to an unknown request: an old link, or Printly was restarted. */
  | "stale"
  /** The permission was taken back, or has ended. */
  | "withdrawn"
  /** The person allowed something, but not this. */
  | "not_allowed"
  /** Any other error of the server, shown for developers. */
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
    // `fetch` throws this when there is no response.
    if (error instanceof TypeError && error.message === "fetch failed")
      throw new Trouble(kind, "nobody answers", { cause: error });
    throw error;
  }
}
