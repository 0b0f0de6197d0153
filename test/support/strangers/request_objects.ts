/** openid-client signs its requests (OpenID Connect Core §6, RFC 9101). */
import assert from "node:assert/strict";
import { exportJWK, generateKeyPair } from "jose";
import * as oidc from "openid-client";
import { sha256 } from "../../../src/crypto/hash.ts";
import { answerIn } from "../legacy_stories.ts";
import { WEB } from "../server.ts";
import type { Place, Stories } from "./place.ts";
import {
  CALLBACK,
  errorOf,
  goThrough,
  type RelyingParty,
  relyingParty,
  request,
  responseOf,
} from "./relying_party.ts";

const SECOND = "https://printly.test/second";

interface SigningParty {
  app: RelyingParty;
  /** An address with `client_id` and the object. */
  sign(parameters: URLSearchParams): Promise<URL>;
}

async function signingParty(
  { server }: Place,
  alg: string,
  metadata: object = {},
): Promise<SigningParty> {
  const { privateKey: key, publicKey } = await generateKeyPair(alg);
  const app = await relyingParty(server, {
    redirect_uris: [...WEB.redirect_uris, SECOND],
    jwks: { keys: [{ ...(await exportJWK(publicKey)), kid: "a", alg }] },
    request_object_signing_alg: alg,
    ...metadata,
  });
  return {
    app,
    sign: (parameters) =>
      oidc.buildAuthorizationUrlWithJAR(app.config, parameters, { key, kid: "a" }),
  };
}

/** The members beside the object that OpenID Connect Core §6.1 asks for. */
function beside(url: URL, more: Record<string, string>): URL {
  const with_more = new URL(url);
  const outer = { response_type: "code", scope: "openid", ...more };
  for (const [name, value] of Object.entries(outer)) with_more.searchParams.set(name, value);
  return with_more;
}

export const requestObjectStories: Stories = {
  async "a signed object by value: what it says counts, its redirect_uri too"(place) {
    for (const alg of ["RS256", "ES256", "PS256", "EdDSA"]) {
      const { app, sign } = await signingParty(place, alg);
      const { url, checks } = await request(app, { redirect_uri: SECOND });
      const outer = { redirect_uri: CALLBACK, state: "outside", nonce: "outside" };
      const { page } = await goThrough(app, beside(await sign(url.searchParams), outer));
      assert.equal(page.url.origin + page.url.pathname, SECOND);
      const tokens = await oidc.authorizationCodeGrant(app.config, page.url, checks);
      assert.equal(tokens.claims()?.sub, app.sub);
    }
  },

  async "a client that always signs gets its answer in a form, and no answer to a plain request"(
    place,
  ) {
    const { app, sign } = await signingParty(place, "ES256", {
      require_signed_request_object: true,
    });
    const { url, checks } = await request(app, { response_mode: "form_post" });
    const response = responseOf(await goThrough(app, await sign(url.searchParams)));
    assert.ok(response instanceof Request);
    assert.ok((await oidc.authorizationCodeGrant(app.config, response, checks)).claims());
    const plain = await request(app);
    assert.equal(await errorOf(app, plain.url), "invalid_request");
  },

  async "an unsigned object, and one of another client, are invalid_request_object"(place) {
    const [one, two] = [await signingParty(place, "RS256"), await signingParty(place, "RS256")];
    const { url } = await request(one.app);
    const unsigned = [{ alg: "none" }, { state: "inside" }]
      .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
      .join(".");
    const foreign = (await two.sign(url.searchParams)).searchParams.get("request") ?? "";
    for (const object of [`${unsigned}.`, foreign])
      assert.equal(
        await errorOf(one.app, beside(url, { request: object })),
        "invalid_request_object",
      );
    const algs = one.app.config.serverMetadata().request_object_signing_alg_values_supported;
    assert.ok(algs?.includes("RS256") && !algs.includes("none"));
  },

  async "a refused object: the error has its state, and comes in the way that it names"(place) {
    const { app, sign } = await signingParty(place, "RS256");
    const { url, checks } = await request(app, {
      ...{ redirect_uri: SECOND, response_mode: "fragment", response_type: "code" },
      // No object holds another one.
      request: "nested",
    });
    const outer = { redirect_uri: CALLBACK, state: "outside" };
    const { page } = await goThrough(app, beside(await sign(url.searchParams), outer));
    assert.equal(page.url.origin + page.url.pathname + page.url.search, SECOND);
    const { error, state } = answerIn(page.url);
    assert.deepEqual([error, state], ["invalid_request_object", checks.expectedState]);
  },

  async "a signed object by reference, at a registered address with the hash of the object"(place) {
    const { site } = place;
    const path = `/object-${crypto.randomUUID()}`;
    const address = site.origin + path;
    const { app, sign } = await signingParty(place, "RS256", { request_uris: [address] });
    const { url, checks } = await request(app);
    const object = (await sign(url.searchParams)).searchParams.get("request") ?? "";
    site.publish(path, object, { "content-type": "application/oauth-authz-req+jwt" });
    const { client_id } = app.client;
    const by = (request_uri: string) =>
      oidc.buildAuthorizationUrl(app.config, { client_id, request_uri, scope: "openid" });
    const { page } = await goThrough(app, by(`${address}#${sha256(object)}`));
    assert.ok((await oidc.authorizationCodeGrant(app.config, page.url, checks)).claims());
    assert.ok(site.asked.includes(path));
    // Without a request object, only the parameters lead back.
    const back = (to: URL) => beside(to, { redirect_uri: CALLBACK });
    assert.equal(
      await errorOf(app, back(by(`${address}#${sha256("other")}`))),
      "invalid_request_uri",
    );
    assert.equal(await errorOf(app, back(by(`${address}-other`))), "invalid_request_uri");
    const metadata = app.config.serverMetadata();
    assert.equal(metadata.request_uri_parameter_supported, true);
    assert.equal(metadata.require_request_uri_registration, true);
  },
};
