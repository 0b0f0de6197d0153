/** Calls every operation on factors, where it changes something and where it changes nothing. */
import type { Alongside, FactorChange, Store } from "../../src/store/conformance/conformance.ts";
import type * as Samples from "../../src/store/conformance/samples.ts";

type All = typeof Samples;

export async function lifeOfFactors(store: Store, samples: All, alongside: () => Alongside) {
  await firstChanges(store, samples);
  await laterChanges(store, samples, alongside);
  await uses(store, samples, alongside);
  await store.removeFactors("eve", alongside());
  await store.removeFactors("eve");
}

async function firstChanges(store: Store, samples: All): Promise<void> {
  const { samplePasskey, sampleRecoveryCodes, sampleTotp } = samples;
  const recovery_codes = sampleRecoveryCodes();
  const [add_passkeys, add_totps] = [[samplePasskey()], [sampleTotp()]];
  const changes = [
    { add_totps },
    { recovery_codes },
    { add_passkeys, recovery_codes },
    { add_passkeys, add_totps, recovery_codes, user_handle: "of Eve" },
  ];
  for (const change of changes) {
    for (const _ of [1, 2]) await store.changeFactors({ sub: "eve", version: 0 }, change);
    await store.removeFactors("eve");
  }
}

async function laterChanges(store: Store, samples: All, alongside: () => Alongside): Promise<void> {
  const sub = "ada";
  for (const _ of [1, 2]) await store.raiseFactorVersion(sub);
  let { version } = await store.loadFactors(sub);
  for (const change of changesOf(samples)) {
    for (const _ of [1, 2]) await store.changeFactors({ sub, version }, change);
    version += 1;
  }
  await store.changeFactors({ sub, version }, { user_handle: "late" }, alongside());
}

/** One after the other; each member of a change alone, and together with others. */
function changesOf({ samplePasskey, sampleRecoveryCodes, sampleTotp }: All): FactorChange[] {
  const [one, two] = [samplePasskey(), samplePasskey()];
  const [phone, tablet] = [sampleTotp(), sampleTotp()];
  const recovery_codes = sampleRecoveryCodes();
  return [
    { add_passkeys: [one] },
    { add_totps: [phone] },
    { add_passkeys: [two], add_totps: [tablet], user_handle: "handle" },
    { remove_passkeys: [one.credential_id], recovery_codes },
    { remove_passkeys: [two.credential_id] },
    { remove_totps: [phone.totp_id], recovery_codes: [] },
    { remove_totps: [tablet.totp_id], add_totps: [phone] },
    { remove_totps: [phone.totp_id] },
    { recovery_codes },
    {},
  ];
}

async function uses(store: Store, samples: All, alongside: () => Alongside): Promise<void> {
  const { START, samplePasskey, sampleRecoveryCodes, sampleTotp } = samples;
  const [passkey, totp, codes] = [samplePasskey(), sampleTotp(), sampleRecoveryCodes()];
  const all = { add_passkeys: [passkey], add_totps: [totp], recovery_codes: codes };
  await store.changeFactors({ sub: "eve", version: 0 }, all);
  await store.loadFactors("eve");
  const { credential_id } = passkey;
  await store.findPasskey(credential_id);
  const becomes = { sign_count: 4, backed_up: false, used_at: START };
  for (const _ of [1, 2]) await store.usePasskey(credential_id, passkey, becomes);
  for (const _ of [1, 2]) await store.useTotp(totp.totp_id, totp.last_step + 1, START);
  for (const code of codes.slice(0, 2))
    for (const _ of [1, 2]) await store.useRecoveryCode({ ...code, sub: "eve" }, alongside());
  for (const code of codes.slice(1, 3)) await store.useRecoveryCode({ ...code, sub: "eve" });
  for (const sub of ["eve", "ada"]) {
    await store.renamePasskey({ sub, credential_id, name: "Key" });
    await store.renamePasskey({ sub, credential_id, name: "Another key" }, alongside());
  }
  const sealed = { sealed_secret: "sealed anew", secret_id: "00c0ffee" };
  for (const _ of [1, 2]) await store.resealTotp(totp, sealed);
  for (const ids of [["00c0ffee"], ["00c0ffee", "0badcafe"]])
    await store.listTotpsUnder(ids, { after: "", limit: 10 });
}
