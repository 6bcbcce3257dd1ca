# The texts of every page: its frame, its navigation, and the messages of refusals.

## Frame
brand = Users
skip-to-content = Zum Inhalt springen
navigation-account = Ihr Konto
navigation-console = Verwaltung
signed-in-as = Angemeldet als { $email }
sign-out = Abmelden
sign-in = Anmelden
request-id = Anfrage { $id }
nav-account = Konto
nav-console = Verwaltung

## Forms
field-optional = (freiwillig)
fault-field = Dieses Feld: { $message }.
fault-check-fields = Bitte korrigieren Sie die markierten Felder. Es wurde nichts geändert.

## Sign in
sign-in-title = Anmelden
sign-in-email = E-Mail-Adresse
sign-in-password = Passwort
sign-in-button = Anmelden
sign-in-passkey = Mit einem Passkey anmelden

## Der zweite Schritt einer Anmeldung
factor-title = Noch ein Schritt
factor-intro = Ihr Passwort stimmt. Ihr Konto fragt auch nach Ihrem zweiten Faktor. Sie haben 5 Minuten Zeit.
factor-back = Anmeldung neu beginnen

## Der Nachweis eines zweiten Faktors
proof-code = Code
proof-code-hint = Die sechs Ziffern, die Ihre Authenticator-App jetzt anzeigt.
proof-recovery-code = Wiederherstellungscode
proof-recovery-code-hint = Einer der Codes, die Sie aufbewahrt haben, etwa 7K3QX-0PV9M. Jeder gilt einmal.
proof-passkey = Passkey benutzen
proof-submit = Weiter
proof-others = Einen anderen Weg nehmen
error-passkey-refused = Dieser Passkey wurde nicht angenommen. Versuchen Sie es noch einmal, oder nehmen Sie einen anderen Weg.

## Passkeys, wo immer einer angelegt oder benutzt wird
passkey-known = Dieses Gerät hat schon einen Passkey für Ihr Konto.
passkey-not-made = Es wurde kein Passkey angelegt. Versuchen Sie es noch einmal, wenn Sie bereit sind.
passkey-not-used = Es wurde kein Passkey benutzt. Versuchen Sie es noch einmal, oder nehmen Sie einen anderen Weg.
passkey-unsupported = Dieser Browser kennt keine Passkeys. Nehmen Sie einen anderen Weg oder einen anderen Browser.
passkey-no-script = Passkeys brauchen JavaScript, das in diesem Browser ausgeschaltet ist.
passkey-elsewhere = Unter der Adresse, unter der Sie diesen Dienst geöffnet haben, gehen Passkeys nicht.

## Home
account-title = Ihr Konto
account-signed-in = Sie sind angemeldet als { $email }.

## Changes that have been made
done-signed-out = Sie sind abgemeldet.
done-signed-out-here = Sie sind in diesem Browser abgemeldet, aber der Dienst konnte die Sitzung selbst nicht beenden. Melden Sie sich später an und beenden Sie sie unter „Sitzungen“.
done-session-ended = Ihre Sitzung ist zu Ende. Bitte melden Sie sich wieder an.
done-account-inactive = Dieses Konto ist deaktiviert. Bitte wenden Sie sich an den Betreiber dieses Dienstes.

## Refusals, by the code of the API
error-title-bad-request = Diese Anfrage war nicht zu verstehen
error-title-forbidden = Das dürfen Sie nicht
error-title-not-found = Hier ist nichts
error-title-conflict = Das geht gerade nicht
error-title-too-many = Zu viele Versuche
error-title-unavailable = Der Dienst ist nicht verfügbar
error-title-other = Das hat nicht geklappt
error-back = Zurück zu Ihrem Konto
error-back-console = Zurück zur Verwaltung
error-invalid-credentials = Die E-Mail-Adresse oder das Passwort ist falsch.
error-inactive-account = Dieses Konto ist deaktiviert. Bitte wenden Sie sich an den Betreiber dieses Dienstes.
error-email-unverified = Ihre E-Mail-Adresse ist noch nicht bestätigt. Wir haben Ihnen den Link noch einmal geschickt: Öffnen Sie ihn und melden Sie sich dann an.
error-too-many-requests = Es waren zu viele Versuche. Bitte versuchen Sie es in { $minutes ->
    [one] einer Minute
   *[other] { $minutes } Minuten
} noch einmal.
error-too-busy = Der Dienst hat gerade zu viel zu tun. Bitte versuchen Sie es in einer Minute noch einmal.
error-validation-failed = Bitte korrigieren Sie die markierten Felder. Es wurde nichts geändert.
error-not-found = Hier ist nichts. Vielleicht wurde es gelöscht.
error-method-not-allowed = Diese Adresse nimmt nur ein Formular an. Gehen Sie zurück und senden Sie das Formular noch einmal.
error-address-refused = Der Dienst nimmt dies von Ihrer Adresse nicht an. Bitte wenden Sie sich an seinen Betreiber.
error-admin-required = Das dürfen nur Administratoren.
error-permission-denied = Ihre Rechte reichen dafür nicht.
error-console-forbidden = Die Verwaltung ist für Menschen mit Verwaltungsrechten. Ihr Konto hat keine.
error-internal-error = Bei uns ist etwas schiefgegangen. Bitte versuchen Sie es noch einmal. Wenn es wieder geschieht, nennen Sie dem Betreiber die Nummer der Anfrage.
error-database-unavailable = Der Dienst erreicht gerade seine Daten nicht. Bitte versuchen Sie es gleich noch einmal.
error-service-unreachable = Ein Teil des Dienstes ist gerade nicht erreichbar. Bitte versuchen Sie es gleich noch einmal.
error-service-slow = Ein Teil des Dienstes braucht zu lange für eine Antwort. Bitte versuchen Sie es gleich noch einmal.
error-bad-answer = Ein Teil des Dienstes hat eine Antwort gegeben, die sich nicht anzeigen lässt. Bitte versuchen Sie es noch einmal, und sagen Sie es dem Betreiber, wenn es wieder geschieht.
error-answer-too-large = Es gibt hier mehr, als diese Seite zeigen kann.
error-form-outdated = Dieses Formular ist veraltet, deshalb wurde nichts geändert. Gehen Sie zurück, laden Sie die Seite neu und senden Sie es noch einmal.
error-foreign-form = Dieses Formular kam nicht von einer Seite dieses Dienstes, deshalb wurde nichts geändert.
error-malformed-form = Das Formular war nicht zu lesen. Gehen Sie zurück, laden Sie die Seite neu und senden Sie es noch einmal.
error-request-timeout = Das Formular ist nicht rechtzeitig angekommen. Bitte senden Sie es noch einmal.
error-body-too-large = Das war zu viel Text für ein Formular. Bitte senden Sie weniger auf einmal.
error-conflict = Jemand hat dies inzwischen geändert. Laden Sie die Seite neu und versuchen Sie es noch einmal.
error-precondition-failed = Jemand hat dies inzwischen geändert. Laden Sie die Seite neu und versuchen Sie es noch einmal.
