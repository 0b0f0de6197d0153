/** All stories of clients written by others. */
import { claimStories } from "./claims.ts";
import { codeFlowStories } from "./code_flow.ts";
import { legacyStrangers } from "./legacy.ts";
import { oauth4webapiStories } from "./oauth4webapi.ts";
import type { Stories } from "./place.ts";
import { requestObjectStories } from "./request_objects.ts";
import { signInStories } from "./sign_in_requests.ts";

export const strangerStories: Stories = {
  ...codeFlowStories,
  ...signInStories,
  ...claimStories,
  ...requestObjectStories,
  ...legacyStrangers,
  ...oauth4webapiStories,
};
