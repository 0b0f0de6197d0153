/** A guard: one security check, named by its source text, and the tests that must fail without it. */

export interface Guard {
  /** The property that it protects; a sentence that a test could have as its name. */
  name: string;
  file: string;
  /** Exact text, once in the file. */
  find: string;
  /** The same place without the check. It still has to run. */
  replace: string;
  /** Test files that should fail without it; the likeliest one first. */
  tests: readonly string[];
  /** Why no test can notice. If given, the guard is a second line of defence behind others. */
  survives?: string;
}

type Mutation = readonly [find: string, replace: string, survives?: string];

/** The guards of one file: each name with the text to find and its replacement. */
export const guardsOf = (
  file: string,
  tests: readonly string[],
  mutations: Readonly<Record<string, Mutation>>,
): Guard[] =>
  Object.entries(mutations).map(([name, [find, replace, survives]]) => ({
    ...{ name, file, find, replace, tests },
    ...(survives !== undefined && { survives }),
  }));
