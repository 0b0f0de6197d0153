/** All demands, by profile. */
import type { Demands } from "../demand.ts";
import { authorization_request } from "./authorization_request.ts";
import { back_channel } from "./back_channel.ts";
import { config } from "./config.ts";
import { dynamic } from "./dynamic.ts";
import { form_post } from "./form_post.ts";
import { hybrid, implicit } from "./front_channel_tokens.ts";
import { rp_logout } from "./rp_logout.ts";
import { tokens } from "./tokens.ts";

export const DEMANDS: Demands = {
  config,
  basic: [...authorization_request, ...tokens],
  form_post,
  dynamic,
  rp_logout,
  back_channel,
  implicit,
  hybrid,
};
