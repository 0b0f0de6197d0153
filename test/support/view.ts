/** The view of pages in tests: the theme that ships, in any language, at one fixed time. */

import { pagePaths } from "../../src/pages/paths.ts";
import { chooseLanguage, languages } from "../../src/pages/texts.ts";
import { createTheme } from "../../src/pages/theme.ts";
import type { View } from "../../src/pages/view.ts";

export function viewIn(tag: string, now = Date.UTC(2026, 2, 12, 14, 5) / 1000): View {
  return {
    language: chooseLanguage({ ui_locales: [tag], accept_language: null, available: languages() }),
    theme: createTheme({ product_name: "Valetkey" }),
    links: {},
    other_languages: [],
    paths: pagePaths(""),
    host: "id.example.com",
    now,
  };
}
