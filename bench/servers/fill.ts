/** A process of its own, so that the server doesn't carry the memory that making many grants took. */
import { openBulk } from "./bulk.ts";
import { fill, type Template } from "./grants.ts";

export interface FillOrder {
  database: string;
  template: Template;
  count: number;
}

process.once("message", async ({ database, template, count }: FillOrder) => {
  const bulk = await openBulk(database);
  await fill(bulk, template, count);
  await bulk.settle();
  await bulk.close();
  process.exit();
});
