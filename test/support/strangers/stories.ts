/** All stories of clients written by others. */
import { claimStories } from "./claims.ts";
import { codeFlowStories } from "./code_flow.ts";
import { legacyStrangers } from "./legacy.ts";
import { logoutStrangers } from "./logout.ts";
import { oauth4webapiStories } from "./oauth4webapi.ts";
import type { Stories } from "./place.ts";
import { registrationStrangers } from "./registration.ts";
import { requestObjectStories } from "./request_objects.ts";
import { signInStories } from "./sign_in_requests.ts";

export const strangerStories: Stories = {
  ...codeFlowStories,
  ...signInStories,
  ...claimStories,
  ...requestObjectStories,
  ...legacyStrangers,
  ...logoutStrangers,
  ...registrationStrangers,
  ...oauth4webapiStories,
};
