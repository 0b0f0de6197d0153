/** The sign-ins of this app. Pages, actions and route handlers ask for the person with `user()`. */
import { createAuth } from "valetkey/client/web";
import { next } from "valetkey/client/web/next";

// A function: `next build` needs none of these values.
export const { GET, POST, proxy, user, fetch, recover } = next(() => {
  const {
    SECRET = "",
    OIDC_ISSUER = "",
    OIDC_CLIENT_ID = "",
    OIDC_CLIENT_SECRET = "",
  } = process.env;
  return createAuth({
    secret: SECRET,
    issuer: OIDC_ISSUER,
    clientId: OIDC_CLIENT_ID,
    clientSecret: OIDC_CLIENT_SECRET,
    scope: "openid profile email offline_access",
  });
});
