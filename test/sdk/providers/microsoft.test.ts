import assert from "node:assert/strict";
import { test } from "node:test";
import { createClient, microsoft } from "../../../src/sdk/client/client.ts";
import { CLIENT, REDIRECT_URI } from "../../support/providers/loopback.ts";
import { CONTOSO, FABRIKAM, microsoftServer, OID } from "../../support/providers/microsoft.ts";
import { signIn } from "../../support/providers/sign_in.ts";
import { failure } from "../failure.ts";

const HOST = "https://login.microsoftonline.com";
const NORTHWIND = "33333333-3333-4333-8333-333333333333";
const newClient = (tenants = [CONTOSO, NORTHWIND]) =>
  createClient({ provider: { ...microsoft, tenants }, ...CLIENT });

test("a person of an allowed tenant is known by `oid` at the issuer of the tenant", async () => {
  await using _ = await microsoftServer({ tenant: CONTOSO });
  const client = newClient();
  const { raw, ...user } = await client.user(await signIn(client));
  assert.deepEqual(user, {
    id: OID,
    issuer: `${HOST}/${CONTOSO}/v2.0`,
    name: "Ada Lovelace",
    username: "ada@contoso.test",
    email: "boss@fabrikam.test",
    emailVerified: false,
  });
});

test("an address is unproven, whatever the directory says", async () => {
  await using _ = await microsoftServer({ tenant: CONTOSO, claims: { email_verified: true } });
  const client = newClient();
  assert.equal((await client.user(await signIn(client))).emailVerified, false);
});

test("a person of another tenant may not sign in, even with an ID token that looks right", async () => {
  const refused = failure("access_denied", new RegExp(`tenant "${FABRIKAM}" is not allowed here`), {
    provider: "microsoft",
  });
  {
    await using _ = await microsoftServer({ tenant: FABRIKAM });
    await assert.rejects(signIn(newClient()), refused);
    assert.ok(await signIn(newClient([CONTOSO, FABRIKAM])));
  }
  // `tid` and `iss` have to agree.
  await using _ = await microsoftServer({ tenant: FABRIKAM, claims: { tid: CONTOSO } });
  await assert.rejects(
    signIn(newClient()),
    failure("issuer_mismatch", new RegExp(`says ".*${FABRIKAM}.*configuration ".*${CONTOSO}`)),
  );
});

test("several tenants need a list; one is named by it, or by the issuer", async () => {
  assert.throws(
    () => createClient({ provider: microsoft, ...CLIENT }),
    failure("configuration", /stands for many tenants.*tenants/, { provider: "microsoft" }),
  );
  assert.throws(() => newClient([]), failure("configuration", /stands for many tenants/));
  const issuer = `${HOST}/${CONTOSO}/v2.0`;
  for (const client of [
    createClient({ issuer, provider: microsoft, ...CLIENT }),
    newClient([CONTOSO]),
  ]) {
    {
      await using server = await microsoftServer({ tenant: CONTOSO });
      assert.equal((await client.user(await signIn(client))).issuer, issuer);
      // An app of a single tenant may use no other address.
      assert.ok(server.asked.every((each) => each.includes(`${HOST}/${CONTOSO}/`)));
    }
    await using _ = await microsoftServer({ tenant: FABRIKAM });
    await assert.rejects(signIn(client), failure("issuer_mismatch", new RegExp(FABRIKAM)));
  }
});

test("errors show the number of Microsoft, without its trace", async () => {
  await using _ = await microsoftServer({ tenant: CONTOSO });
  const wrong = { ...CLIENT, clientSecret: "wrong-secret" };
  const client = createClient({ provider: { ...microsoft, tenants: [CONTOSO] }, ...wrong });
  await assert.rejects(signIn(client), (error) => {
    assert.doesNotMatch(String(error), /Trace/);
    return failure("configuration", /invalid_client: AADSTS7000215: Invalid client secret/, {
      ...{ status: 401, provider: "microsoft", hides: ["wrong-secret"] },
    })(error);
  });
});

test("a token is for one API, and `resource` is refused by name", async () => {
  await using _ = await microsoftServer({ tenant: CONTOSO });
  const client = newClient();
  await assert.rejects(
    signIn(client, { resource: "https://graph.microsoft.com" }),
    failure("configuration", /invalid_target: AADSTS901002/),
  );
  const scope = "openid offline_access api://a/read api://b/read";
  await assert.rejects(signIn(client, { scope }), failure("configuration", /AADSTS28000/));
  // One after the other works.
  const { refreshToken = "" } = await signIn(client, {
    scope: "openid offline_access api://a/read",
  });
  const other = await client.refresh(refreshToken, { scope: "openid api://b/read" });
  assert.deepEqual(other.scope, ["openid", "api://b/read"]);
});

test("a used refresh token goes on working, and no request has an Origin", async () => {
  await using _ = await microsoftServer({ tenant: CONTOSO });
  const client = newClient();
  const scope = "openid offline_access";
  const { refreshToken = "" } = await signIn(client, { scope });
  const second = await client.refresh(refreshToken);
  assert.notEqual(second.refreshToken, refreshToken);
  assert.ok(await client.refresh(refreshToken));
  await assert.rejects(client.refresh("unknown"), failure("session_over", /AADSTS700082/));
  await assert.rejects(client.revoke(refreshToken), failure("configuration", /no revocation/));
  assert.equal((await signIn(client)).refreshToken, undefined, "only with offline_access");
});

test("`iss` of a callback has to be that of an allowed tenant", async () => {
  await using _ = await microsoftServer({ tenant: CONTOSO });
  const client = newClient();
  const begun = await client.begin({ redirectUri: REDIRECT_URI });
  const callback = new URL(REDIRECT_URI);
  callback.search = new URLSearchParams({
    ...{ code: "code", state: begun.state, iss: `${HOST}/${FABRIKAM}/v2.0` },
  }).toString();
  await assert.rejects(client.finish(callback, begun), failure("issuer_mismatch", /callback says/));
  callback.searchParams.set("iss", `${HOST}/${CONTOSO}/v2.0`);
  await assert.rejects(client.finish(callback, begun), failure("login_expired", /AADSTS54005/));
});
