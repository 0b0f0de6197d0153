/** Messages of a sign-up with a proven address in English: the pages, and the mails. */
export const sign_up_texts_en = {
  code_heading_sign_up: "Create an account",
  code_lead_sign_up: "We send a mail to your address first, to see that it is yours.",
  code_sent_sign_up:
    "We have just sent a mail to {address}: with a six-digit code, or with the way in if you have an account here already. A code works for {time}.",
  code_button_sign_up: "Go on",
  proven_address: "Your address is {address}. You can always sign in with it.",
  address_taken_heading: "You have an account already",
  address_taken:
    "By now there is an account with {address}. Perhaps you created it in another window.",
  address_taken_reset: "Set a new password",

  mail_code_sign_up: "Type this code where you began to create your account:",
  mail_account_subject: "Your account at {product}",
  mail_account_exists:
    "Somebody, perhaps you, wanted to create an account at {product} with this address. You have one already. Its username is {username}.",
  mail_account_sign_in: "Sign in",
  mail_account_reset: "Forgot your password? Set a new one",
  mail_account_ignore:
    "Was it not you? Then there is nothing to do: nobody got in, and nothing was changed.",
} as const;
