/** Messages of mailed codes in English: the pages, and the mails. */
export const code_texts_en = {
  way_code: "Email me a code",
  code_heading_sign_in: "Sign in with a code",
  code_lead: "We send a six-digit code to your email address.",
  code_address: "Email",
  code_address_invalid: "Enter an email address, such as ada@example.com.",
  code_send: "Send me the code",
  code_check_mail: "Check your mail",
  code_sent_sign_in:
    "If {address} has an account here, we have just sent a six-digit code to it. It works for {time}.",
  code_label: "Code from the mail",
  code_button_sign_in: "Sign in",
  code_wrong: "This is not the code from the mail. Look again, or ask for a new one.",
  code_used: "This code was used already. Ask for a new one.",
  code_too_many: "Too many wrong codes. Ask for a new one.",
  code_expired: "This code has expired, so nothing was done. Ask for a new one.",
  code_wait: "We have sent you a mail. You can ask for another one in {time}.",
  code_throttled: "Many mails were asked for here. You can ask for another one in {time}.",
  code_nothing: "Nothing there after a minute? Look in your spam folder, or:",
  code_again: "Send it again",
  code_sent_again: "Another mail is on its way. Only its code counts in this window.",
  code_other_way: "Sign in another way",
  code_elsewhere_heading: "Your code",
  code_elsewhere: "Type it where you began, in the other browser or on the other device.",
  code_elsewhere_warning:
    "Did you not begin anything? Close this page, and tell the code to nobody.",

  mail_code_subject: "Your code for {product}",
  mail_code_sign_in: "Type this code where you began to sign in:",
  mail_code_link: "Use the code",
  mail_code_life: "It works once, for {time}.",
  mail_code_ignore:
    "Was it not you? Then there is nothing to do: without the code nobody gets in. Tell it to nobody, whoever asks.",
} as const;
