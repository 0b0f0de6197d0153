/** Calls of each operation that writes events and jobs with its change. */
import type { Alongside, Store } from "../store.ts";
import {
  START,
  sampleAccount,
  sampleClient,
  sampleConsent,
  sampleGrant,
  sampleInitialAccessToken,
  sampleKey,
  samplePasskey,
  sampleRecoveryCode,
  sampleSession,
} from "./samples.ts";
import { grantWith } from "./scenario.ts";

/** Tries a change, with events and jobs. */
export type Attempt = (alongside: Alongside) => Promise<unknown>;

/** For each operation one call that changes something, and one that does not. */
type Attempts = Record<string, [done: Attempt, refused: Attempt]>;

/** All operations, by name. */
export const attempts = async (store: Store): Promise<Attempts> => ({
  ...(await mostAttempts(store)),
  ...(await factorAttempts(store)),
});

const twice = (attempt: Attempt): [Attempt, Attempt] => [attempt, attempt];

async function mostAttempts(store: Store): Promise<Attempts> {
  const [client, removed] = [sampleClient(), sampleClient()];
  const [account, gone] = [sampleAccount(), sampleAccount()];
  const [grant, revoked, raised] = [sampleGrant(), sampleGrant(), sampleGrant()];
  const [session, ended] = [sampleSession(), sampleSession()];
  const [key, retired] = [sampleKey({ signs_at: START + 9000 }), sampleKey()];
  const [token, spare] = [sampleInitialAccessToken(), sampleInitialAccessToken()];
  await store.addInitialAccessToken(spare);
  for (const each of [client, removed]) await store.createClient(each);
  await store.createAccount(account, ["ada"]);
  await store.createAccount(gone, ["gone"]);
  await grantWith(store, revoked, sampleConsent());
  await grantWith(store, raised, null);
  for (const each of [session, ended]) await store.createSession(each);
  await store.addSigningKey(retired, START - 600);
  const renewed = { ...session, secret_hash: "new" };
  const after = START + 1;
  const with_new_key = (a: Alongside) => store.addSigningKey(key, START, a);
  return {
    approve: twice(async (a) => {
      const before = await store.findConsent("ada", "printly");
      return store.approve({ grant, consent: { before, becomes: sampleConsent() } }, a);
    }),
    revokeGrant: twice((a) => store.revokeGrant(revoked.grant_id, after, a)),
    raiseAccessEpoch: twice((a) => store.raiseAccessEpoch(raised.grant_id, 0, a)),
    renewSession: twice((a) => store.renewSession(renewed, session.secret_hash, a)),
    endSessions: twice((a) => store.endSessions(ended, a)),
    createClient: [
      (a) => store.createClient(sampleClient(), a),
      (a) => store.createClient(client, a),
    ],
    updateClient: [
      (a) => store.updateClient({ ...client, trusted: true }, { before: client, ...a }),
      (a) => store.updateClient({ ...client, trusted: false }, { before: client, ...a }),
    ],
    addInitialAccessToken: twice((a) => store.addInitialAccessToken(token, a)),
    removeInitialAccessToken: twice((a) => store.removeInitialAccessToken(spare.token_id, a)),
    removeClient: twice((a) => store.removeClient(removed.client_id, after, a)),
    createAccount: [
      (a) => store.createAccount(sampleAccount(), ["new"], a),
      (a) => store.createAccount(sampleAccount(), ["other", "ada"], a),
    ],
    updateAccount: [
      (a) => store.updateAccount({ ...account, is_admin: true }, ["ada"], a),
      (a) => store.updateAccount(account, ["ada", "gone"], a),
    ],
    removeAccount: twice((a) => store.removeAccount(gone.sub, after, a)),
    retireSigningKey: twice((a) => store.retireSigningKey(retired.kid, after, a)),
    addSigningKey: twice(with_new_key),
    replaceSigningKeys: twice((a) => store.replaceSigningKeys([key.kid], null, after, a)),
    removeConsent: twice((a) =>
      store.removeConsent({ sub: "ada", client_id: "printly" }, after, a),
    ),
  };
}

async function factorAttempts(store: Store): Promise<Attempts> {
  const [passkey, code] = [samplePasskey(), sampleRecoveryCode()];
  const first = { add_passkeys: [passkey], recovery_codes: [code] };
  await store.changeFactors({ sub: "ada", version: 0 }, first);
  return {
    changeFactors: twice((a) => store.changeFactors({ sub: "ada", version: 1 }, {}, a)),
    renamePasskey: [
      (a) => store.renamePasskey({ ...passkey, name: "new" }, a),
      (a) => store.renamePasskey({ ...passkey, sub: "eve" }, a),
    ],
    useRecoveryCode: twice((a) => store.useRecoveryCode(code, a)),
  };
}
