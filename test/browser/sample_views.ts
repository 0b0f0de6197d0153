/** The views in which the samples are drawn: languages, directions, accents, an operator's own theme. */
import { pagePaths } from "../../src/pages/paths.ts";
import { chooseLanguage, type Language, languages } from "../../src/pages/texts.ts";
import { createTheme } from "../../src/pages/theme.ts";
import type { View } from "../../src/pages/view.ts";

export const now = Date.UTC(2026, 2, 12, 14, 5) / 1000;

const available = languages();
const [english] = available;
if (!english) throw new Error("no language ships");
const german = chooseLanguage({ ui_locales: ["de"], accept_language: null, available });
/** No right-to-left language ships yet: these are the English words in a right-to-left page. */
const from_the_right: Language = { ...english, tag: "ar", dir: "rtl" };

const theme = createTheme({ product_name: "Valetkey" });
const paths = pagePaths("");
const host = "id.example.com";
/** All that an operator can link to; the other looks show the foot with less. */
const links = {
  help: "/help",
  privacy: { en: "https://example.com/privacy", de: "https://example.com/datenschutz" },
  terms: "https://example.com/terms",
  imprint: "https://example.com/imprint",
};
const in_german = [{ tag: "de", href: "?choose_language=de" }];
const in_english = [{ tag: "en", href: "?choose_language=en" }];
const coloured = (accent: string): View => ({
  language: english,
  theme: createTheme({ product_name: "Valetkey", accent }),
  links: {},
  other_languages: in_german,
  paths,
  host,
  now,
});
/** Any colour that an operator may give. */
export const accents = {
  black: coloured("#000000"),
  red: coloured("#d21404"),
  yellow: coloured("#ffd400"),
  green: coloured("#00a03c"),
  blue: coloured("#0a58ff"),
  purple: coloured("#7a1fd0"),
};
export const looks = {
  en: { language: english, theme, links: {}, other_languages: in_german, paths, host, now },
  de: { language: german, theme, links, other_languages: in_english, paths, host, now },
  rtl: {
    language: from_the_right,
    theme,
    links,
    other_languages: [...in_english, ...in_german],
    paths,
    host,
    now,
  },
  themed: {
    language: english,
    theme: createTheme({
      product_name: "Sunny Co-op",
      accent: "#ffd400",
      logo: {
        src: "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 120 32'%3E%3Ccircle cx='16' cy='16' r='14' fill='%23f0b400'/%3E%3Ctext x='38' y='23' font-family='sans-serif' font-size='20' fill='%23888'%3ESunny%3C/text%3E%3C/svg%3E",
        alt: "Sunny Co-op",
      },
    }),
    links: { help: "/help" },
    other_languages: in_german,
    paths,
    host,
    now,
  },
} satisfies Record<string, View>;
