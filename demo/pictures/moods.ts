/** The light of one hour: every scene takes its colours from here, so that a picture holds together. */
export interface Mood {
  /** From the zenith down to the horizon. */
  readonly sky: readonly [string, string, string, string];
  /** Sun or moon, and the glow around it. */
  readonly light: string;
  readonly glow: string;
  /** Far land, nearly lost in the air, and near land. */
  readonly haze: string;
  readonly near: string;
  /** Water far out and at one's feet. */
  readonly water: readonly [string, string];
  readonly leaf: string;
  readonly sand: string;
  readonly snow: string;
  readonly moon: boolean;
  /** What a person would write under the picture. */
  readonly words: readonly [string, ...string[]];
  readonly phrase: string;
}

export const dawn: Mood = {
  sky: ["#5c74a8", "#a596bd", "#f0bcb0", "#ffe6c8"],
  light: "#fff4da",
  glow: "#ffd9a8",
  haze: "#d9b3bb",
  near: "#2e3a55",
  water: ["#f3cbb8", "#566c98"],
  leaf: "#4e6a5c",
  sand: "#e9cdb0",
  snow: "#fdeee6",
  moon: false,
  words: ["early", "first light", "before breakfast"],
  phrase: "at first light",
};

export const day: Mood = {
  sky: ["#2f7fbf", "#63aedb", "#a9d8ea", "#e6f4f1"],
  light: "#fffdf0",
  glow: "#fff6d2",
  haze: "#a9cbd3",
  near: "#1d4a4c",
  water: ["#9fd3d6", "#17627f"],
  leaf: "#4f8a4c",
  sand: "#efdcb4",
  snow: "#ffffff",
  moon: false,
  words: ["a clear day", "no wind at all", "noon"],
  phrase: "on a clear day",
};

export const golden: Mood = {
  sky: ["#6b93ad", "#b6b89d", "#f2cd85", "#fff0bf"],
  light: "#fff8d8",
  glow: "#ffe08c",
  haze: "#dcbf8e",
  near: "#4b3c26",
  water: ["#f4d694", "#5f7f7c"],
  leaf: "#7f8a3c",
  sand: "#efc98b",
  snow: "#fff3d9",
  moon: false,
  words: ["late in the afternoon", "long shadows", "six o'clock"],
  phrase: "in late afternoon light",
};

export const sunset: Mood = {
  sky: ["#2d3167", "#82447b", "#e8695f", "#ffc069"],
  light: "#ffe7ad",
  glow: "#ff9a5a",
  haze: "#b5597b",
  near: "#231a3b",
  water: ["#ff9f6b", "#3a2f63"],
  leaf: "#4a4a4f",
  sand: "#d88a68",
  snow: "#ffd0b5",
  moon: false,
  words: ["last light", "the end of it", "nobody wanted to go home"],
  phrase: "at sunset",
};

export const dusk: Mood = {
  sky: ["#14304d", "#2f5f77", "#86aaa0", "#f6d7a4"],
  light: "#fff0cf",
  glow: "#f7cf98",
  haze: "#6f9a99",
  near: "#0e2433",
  water: ["#b9c6a9", "#173f55"],
  leaf: "#2f5a55",
  sand: "#b7a684",
  snow: "#dfe9e2",
  moon: true,
  words: ["blue hour", "the lamps come on", "almost dark"],
  phrase: "in the blue hour",
};

export const night: Mood = {
  sky: ["#060b22", "#0f2148", "#274374", "#5b7ba4"],
  light: "#f8f3df",
  glow: "#a9c0e6",
  haze: "#39587f",
  near: "#060d1f",
  water: ["#5474a0", "#0b1a38"],
  leaf: "#15343a",
  sand: "#5a6684",
  snow: "#c6d6ee",
  moon: true,
  words: ["after dark", "could not sleep", "two in the morning"],
  phrase: "by moonlight",
};

export const mist: Mood = {
  sky: ["#8fa5b0", "#b3c4c6", "#d5ddd8", "#f0eee4"],
  light: "#ffffff",
  glow: "#fffaf0",
  haze: "#c5d1cf",
  near: "#22383d",
  water: ["#d3dcd8", "#6d8890"],
  leaf: "#4f6d62",
  sand: "#d9d1bd",
  snow: "#f7f8f4",
  moon: false,
  words: ["fog", "quiet", "after the rain"],
  phrase: "in the mist",
};

export const rose: Mood = {
  sky: ["#7d86bd", "#c2a3cc", "#f6bfbf", "#ffe9d6"],
  light: "#fff6ea",
  glow: "#ffd0c4",
  haze: "#cfa7bf",
  near: "#40365e",
  water: ["#f8cdc4", "#7477ab"],
  leaf: "#6b7a72",
  sand: "#f1cfbd",
  snow: "#fff1ee",
  moon: true,
  words: ["a soft evening", "pink, for once", "on the way back"],
  phrase: "under a pink sky",
};
