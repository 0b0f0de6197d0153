/** Writes grants to the database, in a process of its own, so that its memory does not count for the server. */

import { GRANT } from "../../../src/store/sql/grants.ts";
import { endWithParent } from "../child.ts";
import { openBulk } from "./bulk.ts";
import { freshGrant, insertMany, type Kind, type Template } from "./grants.ts";

export type FillOrder = { template: Template; count: number } & (
  | { many: true }
  | {
      kind: Kind;
      /** Number of the first grant. */
      from: number;
      /** Deletes existing grants first. */
      replace: boolean;
    }
);

const [database = ""] = process.argv.slice(2);
const bulk = await openBulk(database);

process.on("message", async (order: FillOrder) => {
  const { template, count } = order;
  if ("many" in order) await insertMany(bulk, template, count);
  else {
    const { kind, from, replace } = order;
    if (replace) await bulk.removeAll("authorization_grant");
    const grants = Array.from({ length: count }, (_, i) => freshGrant(template, kind, from + i));
    await bulk.insert("authorization_grant", grants.map(GRANT.row));
  }
  process.send?.("done");
});
endWithParent(() => bulk.close());
