/** What a guard is: one security check, by the text that makes it, and the tests that must miss it. */

export interface Guard {
  /** What holds because of it; a sentence that a test could have as its name. */
  name: string;
  file: string;
  /** Exact text, once in the file. */
  find: string;
  /** The same place without the check. It still has to run. */
  replace: string;
  /** Files that should fail without it; the likeliest one first. */
  tests: readonly string[];
  /** Why no test can notice. Where it is given, the guard is a second line behind others. */
  survives?: string;
}

type Mutation = readonly [find: string, replace: string, survives?: string];

/** The guards of one file: name to the text that is found and the one that is put there. */
export const guardsOf = (
  file: string,
  tests: readonly string[],
  mutations: Readonly<Record<string, Mutation>>,
): Guard[] =>
  Object.entries(mutations).map(([name, [find, replace, survives]]) => ({
    ...{ name, file, find, replace, tests },
    ...(survives !== undefined && { survives }),
  }));
