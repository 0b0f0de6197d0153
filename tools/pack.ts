/** Packs Valetkey as it would be published, for the tests that install it, unless that is done. Prints the archive. */
import { packedPackage } from "../test/support/packed_package.ts";

console.log(await packedPackage());
