/** The public API of the server. */
export {
  type AuthorizationServer,
  type ClientInformation,
  type ClientOptions,
  createAuthorizationServer,
  type PeopleElsewhere,
  type Runtime,
} from "./authorization_server.ts";
export { type Config, ConfigError, defineConfig } from "./config.ts";
export type { Log, LogFields } from "./context.ts";
export { BadSecret } from "./crypto/server_secret.ts";
export type { Mail, MailAddress, MailSender } from "./mail_sender.ts";
export type { Claims } from "./oauth/claims.ts";
export type { ClientMetadata } from "./oauth/client_metadata.ts";
export { OAuthError } from "./oauth/errors.ts";
export type { NewAccount, Person, ProvenAccount, Users, VerifiedPassword } from "./people/users.ts";
export { DatabaseError, DatabaseUnavailable } from "./store/sql/driver.ts";
