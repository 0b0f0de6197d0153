/**
 * The signing keys of every test issuer, one of each algorithm. They are public, so that no test waits for an RSA key:
 * a token that they sign proves nothing outside of a test.
 */
import { createPrivateKey } from "node:crypto";
import type { SigningAlg } from "../crypto/jwt.ts";
import type { ServerSecrets } from "../crypto/server_secret.ts";
import { SIGNING_ALGS, type SigningKeyRecord, signingKeyRecord } from "../crypto/signing_key.ts";

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
  PS256: {
    kty: "RSA",
    n: "5jiwNJaGUa4Io4Xusgjwg-JAwGI8vOmoLk_ZSoaxTUv1kM23ZEcFUVYtHRlfDjC5smUv6Ip95kKQD13IJZ4bl11qUkiNTzF0XV0o5wZe0j2QdvyqSiGG4THxN8R1h2SlalRhIe8_TC1sXt99Z9Fqe9bJNBRLbCR73-929JWT7iSzdZrxvdEMjz6vPVP_JtBh-Va0iRuG6AVMW0eaIm3g5VnB3zIN2z8KQHIewQ24OHX41UB5CX93IcOeN-rxBuaHOoaqhl5c_j47JR_eOZ7ZAm0Y9PSm_eU3hJekpttMl4JE0PURdi2zlqo7x9J6Ywk97tYBo3X21n8wYTBrtnMdPw",
    e: "AQAB",
    d: "Cvt5-bg9222i6dy8wJoekcaxnLvS9pbAOB1aWezHo86o0z83rWfvQAG4EI2iSYoCLG7D9KLj_fT_lva7_Sy9V4t-7pfuwxqyg2BV-tdZ9KDiiwU4lmViYCHCxmHv0q_2wsttqscVTOv_IcjQMatSxL-VROURnVdhir2LU4BDLfapE1qkBADubAiHyfOKAGOZODcqJZl1Ep8CQkWYghA_fGa8Ps4uNq2QQP-3_WZXivJKQu3puHc5PjmY6Yu7p_mYG0nSYyiO6m5DgS5VvgH1pVeegvPLoN81C_ZJFy1T8nQPO8dvWub0AHI6rI75hxqjYq7CWEvjWKLBYlj1-jIx-Q",
    p: "9BLnVlcN9QAe7ATjo3gDGNrS9efT75qpQaDCR-fUUx4oLaiDaV0gXFyiMSuCe-blrWnS8CozHAwT8-77Uq-MUSvs6D3E-tBeyRmBK2sBUkot7ueeBLj-K2I2T96bOjyqRQAr6HKBMs_nv6I7diZoG8yy_nAsAFOTlr4qT66wL-0",
    q: "8XiBmX4aiae4hSOx87HWTDgBBsNEXqiZoRnmyE7KcuTYYWaM0o0KioYqTYQ2MGT08Q4ehFZrFifEwMOn-tc1hRzvtc-2xjBlhiAatL6JI1BXFjBqKCazTX30gGqYFoWIWcsNvdqR0P22hRb2E_rHvjURUrTI4wHVdlX_EW1P5Fs",
    dp: "LD1s7ypyXjE6aZ9tP4kWTqADUw1FTg3jlgC0lmIAC1zQ_Y2o3CVEI1mrEGyJhznP8cHXuS58-x15VGLB7TfioCftFh90H947AAp-bkdEAw1tC_uxmbuKXoS7wXhg_IpYdo9UZhqzLmme4Q5f5seJYViWLSZZ42lCvDUV6EGKr_U",
    dq: "T2lzLbiUH6tB-r83ec6FjIFqjP_Qz1ShWaL8C-olmE18f-PK8j-iNNZUuTN-4sGA8HnVPW5yP1IK2d4-szbtif5vMxrBoEIwUUDjp4d18GAuk8SOVPANTbHbpBPqOpXltqoZtdNY2yNlUDWx7fYulHY9YTbFTiq_OfCkNuX9PTs",
    qi: "vEtTOSOwRWNuNEsV-fDD3fmc6bUgkIecnk960ylZB4XOdG3ZfAs2Pfg7WviQ46xYQMdAmc-HgHEe9Wc-v0xVOmfnaeEsDt_r_6b2tkgiPjmqlbGGMMFQnv0cDiiclyfV69UapDTgfSh7VfsaglnJdrpGg9wlzVO6aGyNNPFiUng",
  },
  EdDSA: {
    kty: "OKP",
    crv: "Ed25519",
    x: "FadiLlBYfNkJSaQPA5gENP2enOxfwLi-5GsY1dzUROA",
    d: "rO1ImJ5xDjA8S_0uWmOwsLdrofWwLEXaydlW3OX32Wc",
  },
} satisfies Record<SigningAlg, object>;

/** @param now seconds since the epoch: the keys sign from then on */
export const testKeys = (now: number, secrets: ServerSecrets): SigningKeyRecord[] =>
  SIGNING_ALGS.map((alg) => {
    const private_key = createPrivateKey({ key: PRIVATE_JWKS[alg], format: "jwk" });
    return signingKeyRecord({ alg, private_key }, { created_at: now, signs_at: now }, { secrets });
  });
