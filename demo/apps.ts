/** The client id of the command-line tool. It has no secret: everybody has the tool. */
export const TOOL = "snaps-tool";
