/**
 * Hashes and signatures: by `node:crypto` where it is there, which is synchronous and half as slow again, else by
 * WebCrypto. Bundlers find no import of a module that browsers lack.
 */

/** The part of `node:crypto` that is used. */
interface NodeCrypto {
  hash(algorithm: "sha256", data: string, encoding: "latin1"): string;
  createPublicKey(from: { key: object; format: "jwk" }): object;
  verify(hash: string | null, data: Uint8Array, key: object, signature: Uint8Array): boolean;
  constants: { RSA_PKCS1_PSS_PADDING: number };
}

interface Process {
  getBuiltinModule?(id: "node:crypto"): NodeCrypto | undefined;
}

function nodeCrypto(): NodeCrypto | null {
  const { process }: { process?: Process } = globalThis as { process?: Process };
  const found = process?.getBuiltinModule?.("node:crypto");
  return typeof found?.verify === "function" && typeof found.hash === "function" ? found : null;
}

/** Null: there is WebCrypto only. */
export const node: NodeCrypto | null = nodeCrypto();

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

/** SHA-256, each byte as one character. */
export const sha256: (text: string) => string | Promise<string> = node
  ? (text) => node.hash("sha256", text, "latin1")
  : async (text) => {
      const bytes = await crypto.subtle.digest("SHA-256", encoder.encode(text));
      return String.fromCharCode(...new Uint8Array(bytes));
    };

export const bytesOf = (text: string): Uint8Array<ArrayBuffer> => encoder.encode(text);

/** The bytes of base64url, each as one character. @throws DOMException when it is none */
export const binaryOf = (base64url: string): string =>
  atob(base64url.replaceAll("-", "+").replaceAll("_", "/"));

interface FromBase64 {
  fromBase64?(text: string, options: { alphabet: "base64url" }): Uint8Array<ArrayBuffer>;
}
const { fromBase64 }: FromBase64 = Uint8Array as FromBase64;

/** @throws an error when it is no base64url */
export const decoded: (base64url: string) => Uint8Array<ArrayBuffer> = fromBase64
  ? (text) => fromBase64.call(Uint8Array, text, { alphabet: "base64url" })
  : (text) => Uint8Array.from(binaryOf(text), (each) => each.charCodeAt(0));

/** @throws an error when it is no base64url of UTF-8 */
export const textOf = (base64url: string): string => decoder.decode(decoded(base64url));
