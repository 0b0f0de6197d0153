/** Messages of the error pages in German. */
export const error_texts_de = {
  error_id: "Ereignis",
  error_id_hint: "Nennen Sie es den Entwicklern oder denen, die {product} betreiben.",
  error_details: "Für die Entwickler der App",
  error_detail: "Was falsch war",
  error_sent: "Sie schickte redirect_uri",
  error_registered: "Eingetragen",
  error_registered_none: "keine Adresse dieses Servers",
  error_difference: "Unterschied",
  error_difference_slash: "ein / am Ende",
  error_difference_scheme: "http und https",
  error_difference_port: "der Port",
  error_difference_loopback: "der Host (localhost und 127.0.0.1 sind zweierlei)",
  error_difference_www: "www. am Anfang",
  error_difference_letter_case: "Groß- und Kleinschreibung",
  error_difference_fragment: "der Teil nach #",
  error_difference_query: "der Teil nach ?",
  error_difference_path: "der Pfad",
  try_again: "Noch einmal versuchen",
  go_to_account: "Ihr Konto",
  error_app_document_heading: "Wir konnten diese App nicht prüfen",
  error_app_document:
    "Sie nennt eine Adresse, unter der steht, wer sie ist. Dort fanden wir keine gültige Beschreibung, darum bekommt sie nichts. Sie haben nichts falsch gemacht.",
  error_app_document_todo:
    "Gehen Sie zurück zur App und versuchen Sie es später noch einmal. Geschieht es wieder, sagen Sie es denen, die sie gemacht haben.",
  error_unknown_app_heading: "Wir kennen diese App nicht",
  error_unknown_app:
    "Der Link, der Sie hierher brachte, nennt keine App, die {product} kennt. Sie haben nichts falsch gemacht.",
  error_unknown_app_todo: "Gehen Sie zurück zur App und sagen Sie es denen, die sie gemacht haben.",
  error_redirect_heading: "Diese App ist nicht richtig eingerichtet",
  error_redirect_heading_app: "{app} ist nicht richtig eingerichtet",
  error_redirect_sent:
    "Sie möchte Ihre Antwort an eine Adresse, die nicht für sie eingetragen ist. Zu Ihrem Schutz haben wir hier angehalten. Sie haben nichts falsch gemacht.",
  error_redirect:
    "Sie hat keine Adresse für ihre Antwort genannt, oder eine, die nicht für sie eingetragen ist. Zu Ihrem Schutz haben wir hier angehalten. Sie haben nichts falsch gemacht.",
  error_redirect_todo: "Gehen Sie zurück zur App und sagen Sie es denen, die sie gemacht haben.",
  error_request_heading: "Wir verstehen diese App nicht",
  error_request:
    "Sie hat auf eine Weise um Zugriff gebeten, die hier nicht geht. Sie haben nichts falsch gemacht.",
  error_request_todo:
    "Gehen Sie zurück und versuchen Sie es noch einmal. Geschieht es wieder, sagen Sie es denen, die die App gemacht haben.",
  error_unreadable_heading: "Das konnten wir nicht lesen",
  error_unreadable:
    "Etwas darin ist zu lang, steht doppelt da oder ist nicht das, was diese Seite erwartet. Es ist nichts geschehen.",
  error_unreadable_todo: "Gehen Sie zurück und versuchen Sie es noch einmal.",
  error_expired_heading: "Diese Anfrage ist vorbei",
  error_expired:
    "Zu Ihrer Sicherheit kann die Anfrage einer App nur einmal und nur eine Weile lang beantwortet werden. Diese lässt sich nicht mehr beantworten.",
  error_expired_todo: "Gehen Sie zurück zur App und beginnen Sie dort von vorn.",
  error_browser_heading: "Diese Seite gehört zu einem anderen Besuch",
  error_browser:
    "Sie wurde in einem anderen Browser begonnen, oder Ihr Browser hat die Cookies dieser Seite nicht behalten. Es ist nichts geschehen.",
  error_browser_todo:
    "Gehen Sie dahin zurück, woher Sie kamen, und beginnen Sie von vorn, mit erlaubten Cookies.",
  error_form_heading: "Es ist nichts geschehen",
  error_form:
    "Dieses Formular ist veraltet oder kam nicht von einer Seite, die wir Ihnen in diesem Browser gezeigt haben. Deshalb haben wir nichts getan.",
  error_form_todo: "Öffnen Sie die Seite noch einmal und wiederholen Sie, was Sie tun wollten.",
  error_cookies_heading: "Ihr Browser hat kein Cookie gesendet",
  error_cookies:
    "{product} erkennt die eigenen Formulare an einem Cookie. Es ist nichts geschehen. Erlauben Sie Cookies für diese Seite.",
  error_cookies_todo:
    "Öffnen Sie dann die Seite noch einmal und wiederholen Sie, was Sie tun wollten.",
  error_back_todo: "Gehen Sie zurück zu {app} und beginnen Sie dort von vorn.",
  error_setup_link_heading: "Dieser Link gilt nicht mehr",
  error_setup_link:
    "Ein Link zum Einrichten gilt einmal, einen Tag lang und nur, solange es kein Konto gibt.",
  error_setup_link_todo:
    "Gibt es noch kein Konto, starten Sie den Server neu: Er gibt dann einen neuen Link aus.",
  error_not_found_heading: "Hier ist nichts",
  error_not_found: "Vielleicht ist die Adresse vertippt, oder was hier war, gibt es nicht mehr.",
  error_not_found_todo: "Prüfen Sie die Adresse.",
  error_not_allowed_heading: "Das ist nicht für Sie",
  error_not_allowed: "Ihr Konto darf das nicht.",
  error_not_allowed_todo: "Wenn Sie es brauchen, fragen Sie die, die {product} betreiben.",
  error_disabled_heading: "Dieses Konto lässt sich nicht benutzen",
  error_disabled: "Damit kann man sich bei {product} nicht anmelden.",
  error_disabled_todo:
    "Wenn Sie das für ein Versehen halten, fragen Sie die, die {product} betreiben.",
  error_app_disabled_heading: "Diese App ist abgeschaltet",
  error_app_disabled:
    "Jemand, der {product} betreibt, hat sie abgeschaltet. Sie haben nichts falsch gemacht.",
  error_app_disabled_todo: "Sie können diese Seite schließen.",
  error_too_many_heading: "Das war viel auf einmal",
  error_too_many: "Es wurde in kurzer Zeit vieles geändert, diese Änderung deshalb nicht.",
  error_too_many_todo: "Warten Sie {time} und versuchen Sie es dann noch einmal.",
  error_busy_heading: "Hier ist gerade viel los",
  error_busy:
    "{product} kann gerade nicht antworten. Das liegt an uns und sollte bald vorbei sein.",
  error_busy_todo: "Warten Sie einen Augenblick und versuchen Sie es dann noch einmal.",
  error_server_heading: "Hier ist etwas schiefgegangen",
  error_server: "Das liegt an uns und nicht an Ihnen.",
  error_server_todo:
    "Versuchen Sie es gleich noch einmal. Geschieht es wieder, sagen Sie es denen, die {product} betreiben.",
} as const;
