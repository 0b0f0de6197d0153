/** Signatures by `node:crypto` where it is there: it verifies at twice the speed of WebCrypto. */
import { byWebCrypto, publicPart, type VerifierOf } from "../signature.ts";
import { node } from "./runtime.ts";

export const quickVerifierOf: VerifierOf = node ? byNode(node) : byWebCrypto;

function byNode({ createPublicKey, verify, constants }: NonNullable<typeof node>): VerifierOf {
  return async (jwk, { kty, hash, name }) => {
    const key = createPublicKey({ key: publicPart(jwk), format: "jwk" });
    const digest = hash?.replace("-", "").toLowerCase() ?? null;
    const saltLength = Number(hash?.slice(4)) / 8;
    const options =
      kty === "EC"
        ? { key, dsaEncoding: "ieee-p1363" }
        : name === "RSA-PSS"
          ? { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength }
          : { key };
    return (data, signature) => verify(digest, data, options, signature);
  };
}
