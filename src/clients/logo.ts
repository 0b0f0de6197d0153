/**
 * Logos of apps (`logo_uri`, RFC 7591 §2). A job fetches the picture once, and pages show it from this server: a picture
 * on another site would tell that site when somebody looks at the page.
 */
import { sha256 } from "../crypto/hash.ts";
import type { Env } from "../operation.ts";
import { newJob } from "../store/new_job.ts";
import type { ClientRecord, JobRecord, LogoRecord } from "../store/records.ts";
import { readPicture } from "./picture.ts";

export const FETCH_LOGO = "fetch_logo";

/** Bytes of a logo. It is shown at 52 pixels. */
export const MOST_LOGO_BYTES = 102_400;
/** Pixels of each side: a small file may hold a picture that fills the memory of a browser. */
const MOST_PIXELS = 2048;
/** Seconds after which the job is given up. */
const LIFE = 86_400;

export interface LogoToFetch {
  client_id: string;
  logo_uri: string;
}

/**
 * The address of the picture, if it is fetched. Only an operator's word makes a logo one that people may rely on: that of
 * an app that registered itself is shown as not checked.
 */
export function logoToFetch({ client_id, created_by, metadata }: ClientRecord): LogoToFetch | null {
  const { logo_uri } = metadata;
  const isShown = created_by === "operator" || created_by === "registration";
  return isShown && logo_uri !== undefined && !isInline(logo_uri) ? { client_id, logo_uri } : null;
}

/** Whether the picture itself is in the metadata. */
export const isInline = (logo_uri: string): boolean => logo_uri.startsWith("data:image/");

/**
 * The job that fetches the logo, to be written together with the client. A client has one: that of another logo replaces
 * it.
 */
export function logoJobs(client: ClientRecord, { clock }: Pick<Env, "clock">): JobRecord[] {
  const payload = logoToFetch(client);
  if (payload === null) return [];
  const job_id = `${FETCH_LOGO} ${client.client_id}`;
  const times = { now: Math.floor(clock() / 1000), life: LIFE };
  return [newJob({ job_id, place: null, kind: FETCH_LOGO, payload }, times)];
}

/** @returns the logo to store, or the reason why these bytes are none */
export function logoFrom(
  bytes: Buffer,
  { client_id, now }: { client_id: string; now: number },
): { logo: LogoRecord } | { refused: string } {
  const picture = readPicture(bytes);
  if (!picture) return { refused: "it is no PNG, JPEG or WebP" };
  const { media_type, width, height } = picture;
  if (Math.max(width, height) > MOST_PIXELS)
    return { refused: `it has ${width} × ${height} pixels, and ${MOST_PIXELS} is the limit` };
  const hash = sha256(bytes);
  return {
    logo: { client_id, hash, media_type, picture: bytes.toString("base64"), fetched_at: now },
  };
}
