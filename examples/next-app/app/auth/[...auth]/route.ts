/** `/auth/login`, `/auth/callback` and `/auth/logout`. */
export { GET, POST } from "@/lib/auth.ts";
