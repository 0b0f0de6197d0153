/** All drills; docs/reliability.md has their results. */
import { clock } from "./clock.ts";
import { databaseDown } from "./database_down.ts";
import { diskFull } from "./disk_full.ts";
import type { Drill } from "./drill.ts";
import { hangingPeer } from "./hanging_peer.ts";
import { keyRotation } from "./key_rotation.ts";
import { kill } from "./kill.ts";
import { killBetween } from "./kill_between.ts";
import { rollingUpdate } from "./rolling_update.ts";
import { soak } from "./soak.ts";
import { twoNodes } from "./two_nodes.ts";

export const DRILLS: readonly Drill[] = [
  kill,
  killBetween,
  diskFull,
  databaseDown,
  clock,
  twoNodes,
  rollingUpdate,
  keyRotation,
  hangingPeer,
  soak,
];
