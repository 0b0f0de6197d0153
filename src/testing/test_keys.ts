/**
 * The signing keys of every test issuer. They are public, so that no test waits for an RSA key: a token that they sign
 * proves nothing outside of a test.
 */
import { createPrivateKey } from "node:crypto";
import type { SigningAlg } from "../crypto/jwt.ts";
import type { ServerSecrets } from "../crypto/server_secret.ts";
import { type SigningKeyRecord, signingKeyRecord } from "../crypto/signing_key.ts";

const PRIVATE_JWKS = {
  ES256: {
    kty: "EC",
    x: "EgiFMmUKMHg4wr_VKhCGpF4W34xz3Ddxo6rbiXHqpYo",
    y: "CKyZBjkcx1QiLAb8-VTt08LumVMoUZOyoPssxDmJNUs",
    crv: "P-256",
    d: "ZwAb1M3p6nw2_XtyZGCAGg6J-_wn2naoiMtFD1JSdnY",
  },
  RS256: {
    kty: "RSA",
    n: "yedVhZ7SQSqgk9lOyBRLCGO5x3Hm8uYS-eIaULQnssyNU7MVfWoCXZMUUUL-TaGyOcgjVoYcMutxdL_zvEY9AXq6LHTJ-VqhS3UPez1-e2LyoRGfg4lPs_tsA7JbAw0HJSRJ0YdvKcZAoM8uLJuKXVGTtPAaJZlBLzzE4BIoInEdz868YUXM0iUUXK35RLnv0BEtnY43wJKl-XWhU1Y_LDrbLSS_Iu4DfnaIhaBWboc86WTDdrz9nyw7LENq-Z4gsCf8CchzXnS1KPiYIr9sfEfHeUlbganICpDMZTwZaDVe723jz3FSFwdzWvAAZyxso-5-YCnKPmwwQHWsBAq9kw",
    e: "AQAB",
    d: "O5zX_WnVPnRtkPm6bwy-0q1PLvoMbG9N7wW5K1bl2b7Xg3z-vVbNd_9zIkMbfqRdUP4soOFb9hTaHNSIDHDYllU8HuAkukDuGq9ncMXJUHj4lmHzrQyfwc5cKANDJ_VyxJ6gRQMt6TGl51UElxsdkUwCxouVzMAhJOdWYao6u2AQBt9ZdbXbP05OvidWkigqLeQR0oyandA4TuC5tEBTvl7O495cXlc2Ttb6HNaHpWNjNhVl5sHO89fr56aMpAEuD7lMNPF7zZihvYL27iQYvjaoQl2lIPHR1dnEFdxRNWwCNGBnB5d_Hf9uLOWusWeVVckbCF5Yd0rj2mJxgl9WoQ",
    p: "9JNWNmQWDhLqIHJdKxsSE3vk8yMbPGqyzk9cWZyU8js6zUC_5YMmmoMXJFTJBG5JsN86KJB4sOmtVRljxm-mRL3UWm4zlaMPdY1HZoDbfuAitHYdEdQgA_f31eMzhyyjqs1bvDjrFOOs0p-posa5R2mSUQjZvtkSKFeKXR2k8As",
    q: "01W4yktpQaEE13AzsJZRJZ9DR2HxDEpuwEJjd1Qw_PGZ-1AoaZVb-V-IcdHyfP_bNsQr-y9n6yfe2IgqH6ZV7GSJSwBKy3ygcroV13f9m-yJv4SJdcCabOQ372UpDMWsifowD-7Qcyi8gDwBIB6UqQ9NzGzb-uqIerqpy3ZvNZk",
    dp: "BQbeN8H43hMvcrlHBvLIfVQHkaPAFI7Q3AKvkDvyp8Pl4oAZMZtveK-HEz0W4Jtvsk30QQ8vG9vBr0UVUufKkBEiwzUOpF20nKLpu8acPFBZBkKDOHGWst4u3tuLnJSjTIhqAUVeN5CyZaXYc7sH5draogW_i_ekMuYRtvY8BJ8",
    dq: "LSOMGrlMvBXWYOW4RKl2n6CK0D5dLBDh4vLLJ_u1kvFPwFv4pcSfJn5_OEBtmMFVYzc3ZalUeufDM2CyDpyKkblPkdN4JkpyQs74R1N7ucgmC-AVNC91THjacambwPyfw8DKbzzFDTPQP1uRqfieLBX2ugkuW0Oo7v3bsneTfVE",
    qi: "kV7q6r-tRhqbgmiB8WOV9IM-nxsXrZf0MPN9dnzLBFg2ySbx22-VRqslIl8WqUa1qxNsZRwQiUISTYXSX0zQkC0GIzPWjQLHeuqZDuqGrolrEQgQHC8M6qrCq4aWTPche4tsbJyAQ_9O0hjCRUG4wntrqgf681Khjd0qlDJpqno",
  },
} satisfies Partial<Record<SigningAlg, object>>;

/** @param now seconds since the epoch: the keys sign from then on */
export const testKeys = (now: number, secrets: ServerSecrets): SigningKeyRecord[] =>
  (["ES256", "RS256"] as const).map((alg) => {
    const private_key = createPrivateKey({ key: PRIVATE_JWKS[alg], format: "jwk" });
    return signingKeyRecord({ alg, private_key }, { created_at: now, signs_at: now }, { secrets });
  });
