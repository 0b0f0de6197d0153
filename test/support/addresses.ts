/** The paths of all features, so that tests which attack every path include new ones. */
import { FEATURES } from "../../src/features.ts";
import type { Route } from "../../src/http/route.ts";

/** Registration takes JSON with any values, and is off unless a test turns it on. Its own tests attack it. */
const routes = FEATURES.filter(({ name }) => name !== "registration").flatMap(
  (feature) => feature.routes?.(new Map()) ?? [],
);

const pathsOf = (kind: Route["kind"], methods: string): string[] =>
  routes
    .filter((route) => route.kind === kind && Object.keys(route.methods).join(" ") === methods)
    .map(({ path }) => path);

/** Pages for people that accept a form or a request. */
export const PAGES = pathsOf("page", "GET POST");
/** Endpoints for clients, by POST only. */
export const ENDPOINTS = pathsOf("api", "POST");
