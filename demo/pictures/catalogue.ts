/** The descriptions of the pictures in assets/, whose files are `ID.svg`. */

export type Shape = "wide" | "tall" | "square";

export interface Entry {
  /** The kind of picture and a number. */
  readonly id: string;
  readonly title: string;
  /** Describes the picture to people who cannot see it. */
  readonly alt: string;
  readonly shape: Shape;
  /** A day, as `YYYY-MM-DD`. */
  readonly taken: string;
}

/** The photos that albums are made of. */
export const photos: readonly Entry[] = [
  {
    id: "coast-2",
    title: "Land's End, long shadows",
    alt: "Headlands and the sea with a lighthouse in late afternoon light",
    shape: "wide",
    taken: "2025-11-22",
  },
  {
    id: "peaks-1",
    title: "Lac Blanc, early",
    alt: "Snow mountains above a lake at first light",
    shape: "wide",
    taken: "2025-11-20",
  },
  {
    id: "aurora-3",
    title: "The cabin, could not sleep",
    alt: "Northern lights over a bay with a lit cabin by moonlight",
    shape: "wide",
    taken: "2025-10-26",
  },
  {
    id: "dunes-1",
    title: "Sand, first light",
    alt: "Sand dunes with sharp crests at first light",
    shape: "tall",
    taken: "2025-10-10",
  },
  {
    id: "pond-2",
    title: "The temple pond, on the way back",
    alt: "Koi swimming among lily pads under a pink sky",
    shape: "wide",
    taken: "2025-09-27",
  },
  {
    id: "tiles-1",
    title: "The kitchen wall, six o'clock",
    alt: "A wall of painted tiles in late afternoon light",
    shape: "square",
    taken: "2025-07-07",
  },
  {
    id: "hills-2",
    title: "Seven hills, last light",
    alt: "Rolling hills with cypresses at sunset",
    shape: "square",
    taken: "2025-07-05",
  },
  {
    id: "city-2",
    title: "Lisbon, the end of it",
    alt: "A city skyline with lit windows, seen across the water at sunset",
    shape: "wide",
    taken: "2025-05-24",
  },
  {
    id: "forest-1",
    title: "The way down, blue hour",
    alt: "A fir forest fading into the distance in the blue hour",
    shape: "square",
    taken: "2025-05-20",
  },
  {
    id: "meadow-2",
    title: "By the railway, after the rain",
    alt: "Flowers in a meadow, close up in the mist",
    shape: "square",
    taken: "2025-05-13",
  },
  {
    id: "balloons-2",
    title: "The race, on the way back",
    alt: "Hot-air balloons over a valley under a pink sky",
    shape: "wide",
    taken: "2025-03-22",
  },
  {
    id: "canal-2",
    title: "Number eleven, six o'clock",
    alt: "A row of painted houses along a canal in late afternoon light",
    shape: "tall",
    taken: "2025-03-12",
  },
  {
    id: "citrus-2",
    title: "Sunday, noon",
    alt: "Citrus fruit, whole and cut, on a coloured table on a clear day",
    shape: "tall",
    taken: "2025-02-04",
  },
  {
    id: "shore-2",
    title: "Low tide, a clear day",
    alt: "A beach seen from above, with parasols on a clear day",
    shape: "wide",
    taken: "2025-01-22",
  },
  {
    id: "dunes-2",
    title: "Walking south, no wind at all",
    alt: "Sand dunes with sharp crests on a clear day",
    shape: "tall",
    taken: "2025-05-01",
  },
  {
    id: "tiles-2",
    title: "Tiles, pink, for once",
    alt: "A wall of painted tiles under a pink sky",
    shape: "wide",
    taken: "2025-12-18",
  },
  {
    id: "balloons-3",
    title: "Göreme, late in the afternoon",
    alt: "Hot-air balloons over a valley in late afternoon light",
    shape: "square",
    taken: "2025-03-21",
  },
  {
    id: "hills-3",
    title: "Val d'Orcia, quiet",
    alt: "Rolling hills with cypresses in the mist",
    shape: "wide",
    taken: "2025-10-27",
  },
  {
    id: "coast-3",
    title: "Nazaré, could not sleep",
    alt: "Headlands and the sea with a lighthouse by moonlight",
    shape: "wide",
    taken: "2025-01-16",
  },
];

/** Pictures on the front page of Snaps: they belong to nobody. */
export const samples: readonly Entry[] = [
  {
    id: "city-1",
    title: "Ferry home, nobody wanted to go home",
    alt: "A city skyline with lit windows, seen across the water at sunset",
    shape: "tall",
    taken: "2025-09-27",
  },
  {
    id: "canal-1",
    title: "Number eleven, the lamps come on",
    alt: "A row of painted houses along a canal in the blue hour",
    shape: "wide",
    taken: "2025-09-26",
  },
  {
    id: "shore-1",
    title: "Low tide, pink, for once",
    alt: "A beach seen from above, with parasols under a pink sky",
    shape: "wide",
    taken: "2025-09-11",
  },
  {
    id: "aurora-1",
    title: "The cabin, two in the morning",
    alt: "Northern lights over a bay with a lit cabin by moonlight",
    shape: "wide",
    taken: "2025-07-24",
  },
  {
    id: "coast-1",
    title: "The last headland, a clear day",
    alt: "Headlands and the sea with a lighthouse on a clear day",
    shape: "wide",
    taken: "2025-04-06",
  },
  {
    id: "citrus-1",
    title: "Lemons, a clear day",
    alt: "Citrus fruit, whole and cut, on a coloured table on a clear day",
    shape: "tall",
    taken: "2025-04-02",
  },
  {
    id: "balloons-1",
    title: "Five in the morning, a soft evening",
    alt: "Hot-air balloons over a valley under a pink sky",
    shape: "tall",
    taken: "2025-01-04",
  },
  {
    id: "meadow-1",
    title: "Poppies, before breakfast",
    alt: "Flowers in a meadow, close up at first light",
    shape: "square",
    taken: "2025-01-03",
  },
];

/** Prints on the front page of Printly: they belong to nobody. */
export const shop_window: readonly Entry[] = [
  {
    id: "pond-1",
    title: "Standing still, almost dark",
    alt: "Koi swimming among lily pads in the blue hour",
    shape: "tall",
    taken: "2025-12-23",
  },
  {
    id: "hills-1",
    title: "Seven hills, first light",
    alt: "Rolling hills with cypresses at first light",
    shape: "wide",
    taken: "2025-11-22",
  },
  {
    id: "aurora-2",
    title: "Lofoten, two in the morning",
    alt: "Northern lights over a bay with a lit cabin by moonlight",
    shape: "square",
    taken: "2025-12-28",
  },
];
