/** How pages look in tests: the theme that ships, in any language, at one fixed time. */
import type { Look } from "../../src/pages/look.ts";
import { pagePaths } from "../../src/pages/paths.ts";
import { chooseLanguage, languages } from "../../src/pages/texts.ts";
import { createTheme } from "../../src/pages/theme.ts";

export function lookIn(tag: string, now = Date.UTC(2026, 2, 12, 14, 5) / 1000): Look {
  return {
    language: chooseLanguage({ ui_locales: [tag], accept_language: null, available: languages() }),
    theme: createTheme({ product_name: "Valetkey" }),
    paths: pagePaths(""),
    now,
  };
}
