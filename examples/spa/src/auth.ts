/** Who is signed in. */
import { createBrowserAuth } from "valetkey/client/browser";

const { VITE_ISSUER, VITE_CLIENT_ID, VITE_API } = import.meta.env;

export const auth = createBrowserAuth({
  issuer: VITE_ISSUER,
  clientId: VITE_CLIENT_ID,
  resource: VITE_API,
  scope: "openid profile email offline_access notes",
});
