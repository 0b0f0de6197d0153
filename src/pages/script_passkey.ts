/**
 * The part of the script that talks to authenticators (WebAuthn Level 3 §5.1). Options stand in the page, and the answer
 * is posted with its form, so that no address needs to be fetched. Plain JavaScript, as in script.ts.
 */
export const passkeyScript = `
  const bytes = (text) => Uint8Array.from(
    atob(text.replace(/-/g, "+").replace(/_/g, "/")), (each) => each.charCodeAt(0));
  const encoded = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\\+/g, "-").replace(/\\//g, "_").replace(/=+$/, "");
  const MEMBERS = ["clientDataJSON", "authenticatorData", "signature", "userHandle", "attestationObject"];

  for (const form of all("[data-passkey]")) {
    const { passkey, options, autofill, failed, known, none } = form.dataset;
    const button = form.querySelector("button");
    const status = form.querySelector("[role=status]");
    const creates = passkey === "create";
    let waiting = new AbortController();
    const ask = async (more) => {
      const publicKey = JSON.parse(options);
      publicKey.challenge = bytes(publicKey.challenge);
      if (creates) publicKey.user.id = bytes(publicKey.user.id);
      for (const each of publicKey.excludeCredentials || []) each.id = bytes(each.id);
      const { id, response } = await navigator.credentials[creates ? "create" : "get"]({ publicKey, ...more });
      const told = response.getTransports ? { transports: response.getTransports() } : {};
      for (const name of MEMBERS) if (response[name]) told[name] = encoded(response[name]);
      form.elements.credential.value = JSON.stringify({ id, response: told });
      button.disabled = true;
      form.submit();
    };
    status.textContent = window.PublicKeyCredential ? "" : none;
    if (!window.PublicKeyCredential) continue;
    button.hidden = false;
    button.addEventListener("click", () => {
      waiting.abort();
      waiting = new AbortController();
      status.textContent = "";
      ask({ signal: waiting.signal }).catch(({ name }) => {
        // The person changed their mind, or the time was over.
        if (name === "NotAllowedError" || name === "AbortError") return;
        status.textContent = name === "InvalidStateError" ? known : failed;
      });
    });
    if (autofill && PublicKeyCredential.isConditionalMediationAvailable)
      PublicKeyCredential.isConditionalMediationAvailable().then((can) => {
        if (can) return ask({ mediation: "conditional", signal: waiting.signal });
      }).catch(() => {});
  }

  // Tells the store of passkeys which ones this server knows (§5.1.10).
  for (const { dataset: { signal, options } } of all("[data-signal]"))
    if (window.PublicKeyCredential && PublicKeyCredential[signal])
      PublicKeyCredential[signal](JSON.parse(options)).catch(() => {});
`;
