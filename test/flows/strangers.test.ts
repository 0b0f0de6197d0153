/** Clients written by others, over a real connection, on SQLite; PostgreSQL runs the same. */

import { tell } from "../support/strangers/place.ts";
import { strangerStories } from "../support/strangers/stories.ts";
import { webServer } from "../support/web.ts";

tell(strangerStories, webServer);
