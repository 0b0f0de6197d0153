/** The one stylesheet. The variables of the operator's accent come before it: see `theme.ts`. */
import { account } from "./style/account.ts";
import { boxes } from "./style/boxes.ts";
import { controls } from "./style/controls.ts";
import { key } from "./style/key.ts";
import { media } from "./style/media.ts";
import { sheet } from "./style/sheet.ts";
import { tokens } from "./style/tokens.ts";
import { type } from "./style/type.ts";

// A later rule wins over an earlier one of the same weight, so the order matters.
export const style = [tokens, type, boxes, sheet, controls, key, account, media].join("");
