/** Messages of mails in English. */
export const mail_texts_en = {
  mail_foot: "{product} · {host} · Nobody reads answers to this mail.",
  mail_test_subject: "A test from {product}",
  mail_test: "This mail shows that {product} can send mail.",
} as const;
