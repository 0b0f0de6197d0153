/** Refreshes sessions before a page is made, since server components can't set cookies. */
export { proxy } from "@/lib/auth.ts";

export const config = { matcher: ["/((?!_next|favicon.ico).*)"] };
