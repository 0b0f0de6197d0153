/** Every drill there is; docs/reliability.md says what each showed. */

import { clock } from "./clock.ts";
import { databaseDown } from "./database_down.ts";
import { diskFull } from "./disk_full.ts";
import type { Drill } from "./drill.ts";
import { kill } from "./kill.ts";
import { killBetween } from "./kill_between.ts";

export const DRILLS: readonly Drill[] = [kill, killBetween, diskFull, databaseDown, clock];
