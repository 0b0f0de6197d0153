/** Messages of mails in German. */
export const mail_texts_de = {
  mail_foot: "{product} · {host} · Antworten auf diese Mail liest niemand.",
  mail_test_subject: "Eine Probe von {product}",
  mail_test: "Diese Mail zeigt, dass {product} Mails schicken kann.",
};
