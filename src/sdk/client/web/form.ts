/** Forms that a browser or a provider sends. */
import { AuthError } from "../../errors.ts";

/** Bytes. */
const MOST = 65_536;

/** @throws AuthError `invalid_response` for a large one */
export async function readForm({ body }: Request): Promise<URLSearchParams> {
  const reader = body?.getReader();
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  for (let next = await reader?.read(); next?.value; next = await reader?.read()) {
    text += decoder.decode(next.value, { stream: true });
    size += next.value.byteLength;
    if (size <= MOST) continue;
    await reader?.cancel();
    throw new AuthError("invalid_response", `the form has more than ${MOST} bytes`, {
      hint: "open the address that the provider leads to, unchanged",
    });
  }
  return new URLSearchParams(text);
}
