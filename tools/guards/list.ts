/** Every guard, in the order in which a request meets them. */
import { appGuards } from "./apps.ts";
import { authorizationGuards } from "./authorization.ts";
import { claimGuards } from "./claims.ts";
import { clientMetadataGuards } from "./client_metadata.ts";
import { clientGuards } from "./clients.ts";
import { consentGuards } from "./consent.ts";
import { cryptoGuards } from "./crypto.ts";
import { databaseGuards } from "./databases.ts";
import { deviceGuards } from "./devices.ts";
import { documentGuards } from "./documents.ts";
import { endedTokenGuards } from "./ended_tokens.ts";
import { factorGuards } from "./factors.ts";
import { fetchedGuards } from "./fetched.ts";
import type { Guard } from "./guard.ts";
import { httpGuards } from "./http.ts";
import { introspectionGuards } from "./introspection.ts";
import { legacyGuards } from "./legacy.ts";
import { mailGuards } from "./mail.ts";
import { operatingGuards } from "./operating.ts";
import { outboundGuards } from "./outbound.ts";
import { passwordGuards } from "./passwords.ts";
import { peopleGuards } from "./people.ts";
import { registrationGuards } from "./registration.ts";
import { requestObjectGuards } from "./request_objects.ts";
import { resourceServerGuards } from "./resource_server.ts";
import { sdkBrowserGuards } from "./sdk_browser.ts";
import { sdkClientGuards } from "./sdk_client.ts";
import { sdkTerminalGuards } from "./sdk_terminal.ts";
import { sdkWebGuards } from "./sdk_web.ts";
import { secretGuards } from "./secrets.ts";
import { sessionGuards } from "./sessions.ts";
import { signInGuards } from "./sign_in.ts";
import { storeGuards } from "./store.ts";
import { subjectGuards } from "./subjects.ts";
import { testingGuards } from "./testing.ts";
import { tokenGuards } from "./tokens.ts";

export const guards: readonly Guard[] = [
  ...httpGuards,
  ...authorizationGuards,
  ...signInGuards,
  ...requestObjectGuards,
  ...consentGuards,
  ...deviceGuards,
  ...outboundGuards,
  ...fetchedGuards,
  ...documentGuards,
  ...factorGuards,
  ...passwordGuards,
  ...peopleGuards,
  ...clientGuards,
  ...clientMetadataGuards,
  ...registrationGuards,
  ...appGuards,
  ...tokenGuards,
  ...endedTokenGuards,
  ...claimGuards,
  ...subjectGuards,
  ...legacyGuards,
  ...introspectionGuards,
  ...cryptoGuards,
  ...secretGuards,
  ...sessionGuards,
  ...storeGuards,
  ...databaseGuards,
  ...operatingGuards,
  ...sdkClientGuards,
  ...resourceServerGuards,
  ...sdkWebGuards,
  ...sdkTerminalGuards,
  ...sdkBrowserGuards,
  ...mailGuards,
  ...testingGuards,
];
