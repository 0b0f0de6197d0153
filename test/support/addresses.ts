/** The addresses of all features, so that the tests that attack each one reach a new one too. */
import { FEATURES } from "../../src/features.ts";
import type { Route } from "../../src/http/route.ts";

const routes = FEATURES.flatMap((feature) => feature.routes?.(new Map()) ?? []);

const pathsOf = (kind: Route["kind"], methods: string): string[] =>
  routes
    .filter((route) => route.kind === kind && Object.keys(route.methods).join(" ") === methods)
    .map(({ path }) => path);

/** For people, with a form or a request in them. */
export const PAGES = pathsOf("page", "GET POST");
/** For clients, by POST only. */
export const ENDPOINTS = pathsOf("api", "POST");
