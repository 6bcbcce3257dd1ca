### Die Seiten eines Kontos ohne seine Sicherheit: Registrierung, Links in E-Mails, Profil, Einstellungen, Export, Löschung.

## Links der Navigation

nav-profile = Profil
nav-preferences = Einstellungen
nav-security = Sicherheit
nav-sessions = Sitzungen
nav-api-keys = API-Schlüssel
nav-data = Ihre Daten
nav-delete = Konto löschen

## The first page

account-home-profile = Ihr Name, Ihr Bild und was andere von Ihnen sehen.
account-home-preferences = Farben, Sprache und Nachrichten.
account-home-security = Ihr Passwort, Ihre E-Mail-Adresse und Ihr zweiter Faktor.
account-home-sessions = Wo Sie angemeldet sind. Melden Sie sich anderswo ab.
account-home-api-keys = Schlüssel für Programme, die in Ihrem Namen handeln.
account-home-data = Laden Sie Ihre Daten herunter, oder löschen Sie Ihr Konto.

## Ablehnungen

error-registration-closed = Dieser Dienst legt von sich aus keine Konten an. Bitten Sie die Verwaltung um eine Einladung.
error-link-invalid = Dieser Link gilt nicht mehr: Er wurde benutzt, ist zu alt oder durch einen neueren ersetzt. Öffnen Sie die neueste Nachricht, die Sie bekommen.

## Registrierung

register-title = Konto anlegen
register-intro = Sie brauchen eine E-Mail-Adresse, die Sie lesen können. Wir schicken einen Link dorthin.
register-email = E-Mail-Adresse
register-full-name = Ihr Name
register-full-name-hint = Sie können ihn weglassen.
register-password = Passwort
register-submit = Konto anlegen
register-sign-in = Sie haben schon ein Konto?
register-sign-in-link = Anmelden
register-closed-title = Keine Registrierung
register-closed = Dieser Dienst legt von sich aus keine Konten an. Bitten Sie die Verwaltung um eine Einladung.
done-registered = Ihr Konto ist angelegt. Öffnen Sie den Link, den wir an Ihre Adresse geschickt haben, und melden Sie sich dann an.

## Passwörter, wo immer eines gewählt wird

password-hint = Mindestens 8 Zeichen. Gut sind mehrere Wörter, die nur für Sie zusammengehören.
password-show = Passwort anzeigen

## Vergessenes Passwort

forgot-title = Passwort vergessen?
forgot-intro = Geben Sie die Adresse Ihres Kontos ein. Wenn es ein solches Konto gibt, schicken wir einen Link dorthin, mit dem Sie ein neues Passwort wählen.
forgot-email = E-Mail-Adresse
forgot-submit = Link schicken
done-link-sent = Wenn ein Konto diese Adresse hat, ist ein Link dorthin unterwegs. Er gilt 30 Minuten. Wenn nichts ankommt, sehen Sie im Ordner für unerwünschte Nachrichten nach.
forgot-back = Zurück zur Anmeldung

## Links in E-Mails

link-field = Link aus der E-Mail
link-hint = Kopieren Sie den ganzen Link aus der E-Mail und fügen Sie ihn hier ein.

## Neues Passwort über einen Link

reset-title = Neues Passwort wählen
reset-intro = Das neue Passwort beendet alle Sitzungen und API-Schlüssel des Kontos.
reset-password = Neues Passwort
reset-submit = Passwort speichern
done-password-reset = Ihr Passwort ist gespeichert. Melden Sie sich jetzt damit an.
reset-ask-again = Neuen Link anfordern

## Bestätigte Adresse

verify-title = E-Mail-Adresse bestätigen
verify-intro = Bestätigen Sie mit dem Knopf, dass die Adresse Ihnen gehört.
verify-submit = Adresse bestätigen
verify-ask-again = Anmelden und einen neuen Link anfordern
done-address-verified = Ihre Adresse ist bestätigt.

## Profil

profile-title = Profil
profile-intro = Nur Ihr Name wird irgendwo gebraucht. Alles andere steht Ihnen frei.
profile-full-name = Name
profile-bio = Über Sie
profile-bio-hint = Höchstens 2.000 Zeichen.
profile-avatar-url = Bild
profile-avatar-url-hint = Die Adresse eines Bildes, etwa https://example.com/ich.png
profile-location = Ort
profile-website = Webseite
profile-website-hint = Etwa https://example.com
profile-phone-number = Telefon
profile-phone-number-hint = Mit der Vorwahl des Landes, etwa +49 30 901820
profile-birth-date = Geburtsdatum
profile-submit = Profil speichern
done-profile-saved = Ihr Profil ist gespeichert.
profile-conflict = Ihr Profil wurde anderswo geändert, seit Sie diese Seite geöffnet haben, und noch ist nichts gespeichert. Ihre Angaben stehen noch hier: Vergleichen Sie sie mit den gespeicherten, und speichern Sie noch einmal, um diese zu ersetzen.
profile-stored = Jetzt gespeichert: { $value }
profile-stored-nothing = Jetzt gespeichert: nichts

## Einstellungen

preferences-title = Einstellungen
preferences-theme = Farben
preferences-theme-light = Hell
preferences-theme-dark = Dunkel
preferences-theme-system = Wie auf dem Gerät
preferences-language = Sprache
preferences-language-browser = Die des Browsers
preferences-timezone = Zeitzone
preferences-timezone-hint = Der Name einer Zone wie Europe/Berlin.
preferences-messages = Nachrichten
preferences-notifications-email = Neuigkeiten per E-Mail schicken
preferences-notifications-sms = Neuigkeiten per SMS schicken
preferences-privacy = Privatsphäre
preferences-privacy-public-profile = Mein Profil allen zeigen, die angemeldet sind
preferences-privacy-hint = Andere sehen Ihren Namen, Text, Bild, Ort und Ihre Webseite. Adresse, Telefonnummer und Geburtsdatum sehen sie nie.
preferences-submit = Einstellungen speichern
done-preferences-saved = Ihre Einstellungen sind gespeichert.

## Export

export-title = Ihre Daten
export-intro = Sie können alles, was dieser Dienst über Sie aufbewahrt, als Datei speichern, die Menschen und Programme lesen können (JSON).
export-withheld = Die Geheimnisse von Passwort, API-Schlüsseln, zweiten Faktoren und Links sind nicht darin: Der Dienst bewahrt nur ihre Fingerabdrücke auf, oder er bewahrt sie verschlüsselt auf.
export-submit = Datei speichern

## Löschung

delete-title = Konto löschen
delete-intro = Ihr Konto verschwindet mit allem, was dazugehört: Profil, Einstellungen, Rollen, Sitzungen und API-Schlüssel. Niemand kann es zurückholen.
delete-export = Vielleicht möchten Sie vorher Ihre Daten speichern.
delete-export-link = Ihre Daten
delete-password = Ihr Passwort
delete-confirmation = Ich will das Konto { $email } endgültig löschen
delete-submit = Konto löschen
done-own-account-deleted = Ihr Konto ist gelöscht.
