/** Every drill there is; docs/reliability.md says what each showed. */
import type { Drill } from "./drill.ts";
import { kill } from "./kill.ts";

export const DRILLS: readonly Drill[] = [kill];
