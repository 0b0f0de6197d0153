/** The descriptions of the keys in editors. tools/config_hover.ts generates this file from docs/configuration.md. */
export interface ConfigHover {
  /** The address by which people and apps reach the server, and the `iss` of its tokens; pages answer under no other. https; a slash at the end is removed; http only on `127.0.0.1`, `[::1]` and `localhost`. The default uses `localhost` unless `host` is an address or a name of the network. After a change, all tokens are invalid. Default: `http://localhost:PORT`. */
  issuer?: unknown;
  /** The address to listen on. `localhost` means both loopback addresses, `127.0.0.1` and `::1`, on the same port: if either is taken, the server does not start and names it; without IPv6, it means `127.0.0.1` alone. `0.0.0.0` means every IPv4 address of the computer, `::` every address. Default: `"localhost"`. */
  host?: unknown;
  /** The port to listen on. `0`: any free port. Default: `4000`. */
  port?: unknown;
  /** `sqlite:FILE`: created at the first start, with its key file beside it. Or `postgres://user:password@host/database`, which needs a given secret: postgresql.md. Default: `"sqlite:valetkey.sqlite"`. */
  database?: unknown;
  /** `{ cert, key }`: serve https without a proxy. `tls.cert` is a PEM file, the certificate with its intermediates below it; `tls.key` its key. Both are read again within seconds when they change. Default: none. */
  tls?: unknown;
  /** `HOST:PORT`, such as `127.0.0.1:9464` (port `0`: any): `/metrics` for Prometheus is served there, and never on the public port (operations.md). Default: none. */
  metrics?: unknown;
  /** The number of processes that answer requests, from 1 to 64, or `"auto"`: one per core (operations.md). Default: `1`. */
  workers?: unknown;
  /** Addresses (`10.0.0.7`, `::1`) and networks (`10.0.0.0/8`) of your own proxies. `X-Forwarded-Proto`, `X-Forwarded-Host` and `X-Forwarded-For` are trusted only from these addresses. Required behind a proxy that terminates TLS. Default: `[]`. */
  trust_proxy?: unknown;
  /** For development only: requests that the server itself makes to addresses from clients may reach loopback addresses, also by http. Otherwise they reach only public addresses by https: each address of the name is checked, the connection goes to the checked address, no redirect is followed, and time (5 s), size and number of requests are bounded. Names are resolved by name servers; the hosts file and proxies from the environment are not used. They fetch the logos of apps. Default: `false`. */
  allow_private_fetch?: unknown;
  /** Each scope with its description, which people read on the consent page; or with `{ text, claims }`: the description, and the claims of the scope. `openid`, `profile`, `email`, `address`, `phone` and `offline_access` always exist. Default: `{}`. */
  scopes?: unknown;
  /** Your APIs, by the URL in the audience of their tokens. Their order matters when two list the same scope. Default: `{}`. */
  resources?: Record<
    string,
    {
      /** The name that people read. Required. */
      name?: unknown;
      /** The scopes of this API, out of `scopes`. Two APIs may list the same one. Default: `[]`. */
      scopes?: unknown;
      /** `"jwt"`: the API can check the token by itself. `"opaque"`: it has to use introspection, and nobody else can read the token. Default: `"jwt"`. */
      access_token?: unknown;
      /** The algorithm of signed tokens for this API: `"ES256"`, or `"RS256"` for gateways and clouds that verify RSA only, such as the authorizer of AWS API Gateway. `"EdDSA"` has short signatures and costs little, but fewer libraries verify it. Opaque tokens are not signed. Default: `"ES256"`. */
      access_token_signing_alg?: unknown;
      /** Whether apps that people registered themselves may ask for it and its scopes too. Default: `false`. */
      open?: unknown;
    }
  >;
  client_id_metadata_documents?: {
    /** Whether an app may use the https URL of a document with its own metadata as its `client_id`, without being registered (Client ID Metadata Documents). Such an app is limited like one that a person registered: it may ask for the scopes of OpenID Connect and of `open` APIs, and people read that nobody has checked it. Default: `true`. */
    enabled?: unknown;
    /** The hosts whose documents are accepted, such as `"claude.ai"`, or `"*.example.com"` for every name below. Empty: all. Default: `[]`. */
    allow?: unknown;
    /** Hosts whose documents are not accepted. They win over `allow`. What people have allowed their apps ends at once. Default: `[]`. */
    deny?: unknown;
  };
  /** Whether what the person agreed to tell, such as name and e-mail address, is in ID tokens too: `"scope"`, as the scope of the request gives it, or `"none"`: at userinfo only. A client may have a setting of its own: `valetkey client add --id-token-claims`. Default: `"scope"`. */
  id_token_claims?: unknown;
  /** The same as `resources.*.access_token_signing_alg`, for access tokens whose only audience is the server itself. Default: `"ES256"`. */
  access_token_signing_alg?: unknown;
  /** Seconds that a node goes on with cached clients, people and keys, while the database can't tell whether they have changed. After that, everything that depends on them is 503 with `Retry-After`: tokens, introspection, revocation, userinfo and pages. Metadata and the keys at `/jwks` are still served. Default: 30. */
  directory_stale?: unknown;
  /** Whether a request for scopes of several APIs has to name one of them with `resource`. Without one, it is refused as `invalid_target` before the person is asked. Default: `false`. */
  require_resource?: unknown;
  /** Whether apps that are registered for them get tokens in the redirect (implicit and hybrid flow), or pass on passwords of people (password grant). OAuth 2.1 has left both out; the log warns at start. legacy-grants.md Default: `false`. */
  legacy_grants?: unknown;
  /** Whether client assertions (`private_key_jwt`) may name the token endpoint as their audience, as a string, instead of the issuer (legacy-grants.md). A client may have a setting of its own. Default: `false`. */
  legacy_assertion_audience?: unknown;
  acr?: {
    /** The value of `acr` in an ID token after a sign-in with one factor, such as a password. The metadata lists the available levels (`acr_values_supported`). What apps can ask and demand: sign-in-levels.md. Each level has a name of its own: printable ASCII without spaces. Default: `"urn:valetkey:single"`. */
    single?: unknown;
    /** The same for two factors. Default: `"urn:valetkey:multi"`. */
    multi?: unknown;
    /** The same for a passkey. Default: `"phr"`. */
    phishing_resistant?: unknown;
  };
  lifetimes?: {
    /** Seconds. The time that an app has to redeem a code. Default: `60`. */
    authorization_code?: unknown;
    /** Seconds. An API that checks JWTs by itself accepts revoked tokens for at most this time. Default: `600`. */
    access_token?: unknown;
    /** Seconds. Default: `3600`. */
    id_token?: unknown;
    /** Seconds. The time that a person has to sign in and decide. Default: `3600`. */
    authorization_request?: unknown;
    /** Seconds. The time in which the code of a device can be entered. Default: `600`. */
    device_code?: unknown;
    /** Seconds. A year: the longest life of a grant without a new request. Default: `31536000`. */
    refresh_token?: unknown;
    /** Seconds. 30 days: an unused grant ends. Default: `2592000`. */
    refresh_token_idle?: unknown;
    /** Seconds. The time in which a public client may repeat a refresh whose answer was lost. A later repetition ends the grant. Default: `60`. */
    refresh_replay?: unknown;
    /** Seconds. 30 days: the longest time that a person stays signed in. Default: `2592000`. */
    session?: unknown;
    /** Seconds. 7 days: an unused session ends. Default: `604800`. */
    session_idle?: unknown;
    /** Seconds. A day: the old secret works beside the new one for this time. Default: `86400`. */
    client_secret_overlap?: unknown;
  };
  sign_in_limits?: {
    /** Wrong passwords for one account from one network, after which the network has to wait: 2 s, doubling to 60 s. The user name and the e-mail address are counted separately, and twice as many for both together. Default: `5`. */
    account?: unknown;
    /** Wrong passwords from one network for all accounts together. Default: `100`. */
    address?: unknown;
    /** Seconds after which the counts start anew. Default: `900`. */
    window?: unknown;
  };
  rate_limits?: {
    /** The window of the next limits, in seconds. The first three apply to the token, introspection, revocation and userinfo endpoints, on each node by itself (its workers together); `0` means no limit. Beyond a limit the answer is 429 with `Retry-After`; each response reports the remaining requests in `RateLimit`. The defaults are more than one node can answer, so they limit nobody until you choose your own. Default: `60`. */
    window?: unknown;
    /** Requests of one client; for a public client, whose id anybody can use, counted for each network. Default: `600000`. */
    client?: unknown;
    /** Token requests for one person. Default: `600000`. */
    account?: unknown;
    /** Requests of one network (IPv4 address, IPv6 /64). Behind a proxy, `trust_proxy` has to be set, else all visitors count as one. Default: `600000`. */
    address?: unknown;
    /** Rows and security events that one person adds: sign-ins, answers to apps (remembered ones too) and revoked tokens. Default: `300`. */
    changes?: unknown;
    /** Authorization requests of one network with a signed request object. Beyond it, a page answers with 429. Default: `300`. */
    verifications?: unknown;
    /** Authorization requests of one network that make the server fetch something: a metadata document, keys, or a request object that is not in its cache. Beyond it, a page answers with 429. Default: `20`. */
    fetches?: unknown;
  };
  limits?: {
    /** Bytes of a request's body; more is 413. Default: `65536`. */
    body?: unknown;
    /** Bytes of a request's address and headers; more is 414 or 431. Default: `16384`. */
    header?: unknown;
    /** Parameters of a request. Default: `100`. */
    parameters?: unknown;
    /** The longest password, in characters. The shortest has 10. Default: `1024`. */
    password?: unknown;
    /** Live grants of one person to one client, such as one for each device. Beyond this number the least recently used one ends. `0` means no limit. Default: `100`. */
    grants?: unknown;
  };
  registration?: {
    /** Who may register apps at `/register`: nobody, holders of a token that `valetkey registration-token add` makes (`"token"`), or everybody (`"open"`). Default: `"off"`. */
    mode?: unknown;
    /** Hosts of https redirect URIs, such as `"claude.ai"`, or `"*"` for all. With `"open"`, an app may have these and addresses of its own computer only. With `"token"`, an empty list allows all. Default: `[]`. */
    allowed_redirect_hosts?: unknown;
    /** Private-use schemes of redirect URIs, such as `"cursor"`. With `"token"`, schemes with a dot (`com.example.app`) are allowed without being listed. Default: `[]`. */
    allowed_schemes?: unknown;
    /** Whether web apps with a secret or a key that register from now on must use PKCE. All other apps always must. Default: `true`. */
    require_pkce?: unknown;
    /** Registrations from one network (IPv4 address, IPv6 /64) in an hour with `"open"`, and changes of registrations from one network and by one app in both modes, on all nodes together. Default: `20`. */
    per_address_hour?: unknown;
  };
  mail?: {
    /** The sender that people see: `Example <id@example.com>`, or an address alone, which then has the product's name. Required. */
    from?: unknown;
    /** The mail server: `smtps://user@host` (TLS at once, port 465) or `smtp://user@host` (STARTTLS, port 587), with another port behind the host if need be. The user may hold an @; without a user nobody signs in there. The password is in `VALETKEY_SMTP_PASSWORD`. TLS with a valid certificate is required, except on this computer (`smtp://localhost:1025`). Default: none. */
    smtp?: unknown;
    /** In code only, in place of `mail.smtp`: an object with `send(mail)`, and `check()` for `valetkey doctor` if you like. Default: none. */
    sender?: unknown;
  };
  sign_in?: {
    /** Whether people sign in with passwords. Without them, passkeys have to be possible. Default: `true`. */
    password?: unknown;
    /** Whether people may add passkeys and sign in with them. An issuer at an IP address has none: browsers need a host name, and `localhost` is one. Default: `true`. */
    passkeys?: unknown;
    /** Whether people may sign in with a code that is mailed to their verified address. It needs `mail`; from your own `users` also `findByVerifiedEmail`. Default: `true`. */
    email_code?: unknown;
    /** Who needs two factors for apps: nobody (`"optional"`), administrators (`"admins"`) or everybody (`"required"`). People who have no second factor yet are led to add one (sign-in-levels.md). Default: `"optional"`. */
    second_factor?: unknown;
  };
  passkeys?: {
    /** The domain that passkeys are bound to: the issuer's host or a parent domain of it (`example.com` for `id.example.com`). A change leaves passkeys of the old domain behind; `valetkey doctor` counts them. Default: the issuer's host. */
    rp_id?: unknown;
    /** Further origins whose pages may use these passkeys, such as `https://login.example.org` after a move. `/.well-known/webauthn` lists them for browsers. Default: `[]`. */
    origins?: unknown;
  };
  /** Seconds in which a mailed code works. Default: `600`. */
  email_code_life?: unknown;
  /** Seconds for which a proof is fresh. A change of how a person signs in needs a fresh one, at the highest level of the account. Default: `600`. */
  confirm_life?: unknown;
  audit?: {
    /** A year: security events are kept for this time (operations.md). A change applies to later events. Default: `31536000`. */
    retention?: unknown;
  };
  /** Whether visitors may create an account. With `mail`, they first prove their address by a code; it then signs them in too. Needs `sign_in.password`. Default: `false`. */
  sign_up?: unknown;
  /** The people who may register apps on the pages: `"admins"` or `"everyone"`. Default: `"admins"`. */
  your_apps?: unknown;
  theme?: {
    /** The name on every page. Default: `"Valetkey"`. */
    product_name?: unknown;
    /** The colour of the main action, `#rrggbb`. The text on it, links and focus rings are derived from it. Default: a dark green. */
    accent?: unknown;
    /** The accent of the dark scheme. Default: from `accent`; a light green for the default. */
    accent_dark?: unknown;
    /** `{ src, src_dark, alt }`: `theme.logo.src` is a path on this server, an https address or a `data:image/` URL; `theme.logo.src_dark` the one for the dark scheme; `theme.logo.alt` its description. Default: none. */
    logo?: unknown;
  };
  links?: {
    /** A link “Help” in the foot of every page: an https address (http on this computer only), a path on this server such as `/help`, or one for each language (`{ en: "…", de: "…" }`). Help about the sign-in alone belongs in `sign_in_help`, which may name a mail address; both may be set. Default: none. */
    help?: unknown;
    /** The same for your privacy notice. “Create an account” names it too. Default: none. */
    privacy?: unknown;
    /** The same for your terms. “Create an account” says that people agree to them. Default: none. */
    terms?: unknown;
    /** The same for your legal notice (in German *Impressum*). Default: none. */
    imprint?: unknown;
  };
  sign_in_help?: {
    /** Whom people ask who can't sign in, in at most 300 characters, shown below the sign-in form: one text, or one for each language (`{ en: "…", de: "…" }`). Without either key nothing is shown. Default: none. */
    text?: unknown;
    /** A link after the text, `mailto:help@example.com` or an https address. A mail address is shown as it is, an https address as “Get help with signing in” (`texts`: `sign_in_help_link`). Default: none. */
    href?: unknown;
  };
  /** Your own texts: for a language (`en`, `de`), the messages that differ. Unknown messages and placeholders are refused. Default: `{}`. */
  texts?: unknown;
}
