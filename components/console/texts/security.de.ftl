### Die Seiten zur Sicherheit eines Kontos: Passwort, Adresse, zweite Faktoren, Sitzungen, API-Schlüssel.

## Sicherheit

security-title = Sicherheit
security-password-heading = Passwort
security-password-intro = Ein neues Passwort beendet alle anderen Sitzungen Ihres Kontos.
security-current-password = Bisheriges Passwort
security-new-password = Neues Passwort
security-password-submit = Passwort ändern
done-password-changed = Ihr Passwort ist geändert. Alle anderen Sitzungen sind beendet.
security-email-heading = E-Mail-Adresse
security-email-current = Ihre Adresse ist { $email }.
security-email-verified = Sie ist bestätigt.
security-email-unverified = Sie ist noch nicht bestätigt.
security-email = Neue Adresse
security-email-password = Ihr Passwort
security-email-submit = Adresse ändern
done-address-asked = Öffnen Sie den Link, den wir an die neue Adresse geschickt haben. Bis dahin gilt Ihre bisherige Adresse.
security-verification-submit = Link noch einmal schicken
done-verification-sent = Ein Link ist an Ihre Adresse unterwegs. Er gilt 3 Tage. Höchstens einer wird in der Minute geschickt.
security-elsewhere-heading = Zugang zu Ihrem Konto
security-sessions-text = Sehen Sie, wo Sie angemeldet sind, und melden Sie sich anderswo ab.
security-api-keys-text = Lassen Sie Programme in Ihrem Namen handeln.

## Die Authenticator-App

totp-heading = Authenticator-App
totp-intro = Eine App auf Ihrem Telefon zeigt alle 30 Sekunden einen neuen Code. Damit meldet sich niemand allein mit Ihrem Passwort an.
totp-none = Sie haben keine App eingerichtet.
totp-since = Eingerichtet:
totp-start = App einrichten
totp-replace = Andere App einrichten
totp-remove = App entfernen
totp-remove-confirm = Nach Codes der App wird nicht mehr gefragt. Wenn sie Ihr einziger zweiter Faktor ist, enden auch Ihre Wiederherstellungscodes, und Ihr Passwort allein reicht.
totp-title = Authenticator-App einrichten
totp-scan = Erfassen Sie diesen Code mit der App.
totp-again = Die App kennt das Geheimnis schon, wenn Sie den Code erfasst haben. Geben Sie den Code ein, den sie jetzt anzeigt.
totp-qr = QR-Code mit dem Geheimnis
totp-open = App auf diesem Gerät öffnen
totp-type = Oder tippen Sie dieses Geheimnis in die App:
totp-copy = Geheimnis kopieren
totp-code = Code der App
totp-confirm = Einschalten
totp-cancel = Abbrechen
factors-first = Ihre anderen Sitzungen enden, wenn Sie den ersten Faktor einrichten.
copied = Kopiert
done-totp-confirmed = Die App ist eingerichtet. Von jetzt an fragt Ihr Konto nach ihren Codes.
done-totp-removed = Die App ist entfernt.
error-totp-not-begun = Die Zeit zum Einrichten der App ist vorbei, oder Sie haben in einem anderen Fenster neu begonnen. Richten Sie sie von vorn ein.

## Wiederherstellungscodes

codes-heading = Wiederherstellungscodes
codes-intro = Ein Wiederherstellungscode ersetzt einen zweiten Faktor, den Sie verloren haben.
codes-left = { $count ->
    [0] Sie haben keinen mehr.
    [one] Sie haben noch einen.
   *[other] Sie haben noch { $count }.
}
codes-make = Neue Codes anlegen
codes-make-confirm = Sie bekommen zehn neue Codes, und die alten enden.
codes-shown-title = Ihre Wiederherstellungscodes
codes-shown-intro = Drucken Sie diese Codes, oder kopieren Sie sie an einen sicheren Ort, der nicht das Gerät mit Ihrem zweiten Faktor ist. Sie werden nur dieses eine Mal angezeigt. Jeder gilt einmal, und sie ersetzen alle früheren.
codes-shown-owner = { $service }: { $email }
codes-print = Drucken
codes-copy = Codes kopieren
codes-shown-back = Ich habe sie aufbewahrt

## Passkeys

passkeys-heading = Passkeys
passkeys-intro = Ein Passkey meldet Sie mit Fingerabdruck, Gesicht, PIN oder Sicherheitsschlüssel an, ohne Ihr Passwort. Er zählt auch als zweiter Faktor.
passkeys-list = Ihre Passkeys
passkeys-name = Name
passkeys-name-hint = Für Sie selbst, etwa „Telefon“.
passkeys-added = Hinzugefügt
passkeys-used = Zuletzt benutzt
passkeys-unused = nie benutzt
passkeys-backed-up = synchronisiert
passkeys-rename = Umbenennen
passkeys-rename-label = Den Passkey { $name } umbenennen
passkeys-rename-submit = Namen speichern
passkeys-remove = Entfernen
passkeys-remove-label = Den Passkey { $name } entfernen
passkeys-remove-confirm = Der Passkey „{ $name }“ meldet Sie nicht mehr an. Wenn er Ihr einziger zweiter Faktor ist, enden auch Ihre Wiederherstellungscodes, und Ihr Passwort allein reicht.
passkeys-new-heading = Neuer Passkey
passkeys-new-submit = Passkey hinzufügen
error-passkey-exists = Dieser Passkey gehört schon zu Ihrem Konto. Nehmen Sie ein anderes Gerät oder einen anderen Sicherheitsschlüssel.
error-no-second-factor = Sie haben keinen zweiten Faktor mehr. Richten Sie zuerst einen ein.
done-passkey-added = Der Passkey ist hinzugefügt. Sie können sich mit ihm anmelden.
done-passkey-renamed = Der Passkey hat den neuen Namen.
done-passkey-removed = Der Passkey ist entfernt. Löschen Sie ihn auch auf Ihrem Gerät.
error-too-many-passkeys = Sie haben schon 20 Passkeys. Entfernen Sie einen, den Sie nicht mehr benutzen.

## Ein neuer Nachweis

confirm-title = Bestätigen Sie, dass Sie es sind
confirm-intro = Dafür müssen Sie sich in den letzten 10 Minuten angemeldet haben. Zeigen Sie, dass Sie es noch sind. Danach kommen Sie zurück und drücken dort noch einmal auf den Knopf: Noch ist nichts geändert.
confirm-password = Passwort
confirm-submit = Bestätigen
confirm-cancel = Zurück
done-confirmed = Danke. Drücken Sie jetzt noch einmal auf den Knopf: Das gilt 10 Minuten lang.
error-insufficient-user-authentication = Benutzen Sie Ihren Code oder Ihren Passkey. Ihr Passwort reicht nur, wenn Sie beides nicht haben.

## Sitzungen

sessions-title = Sitzungen
sessions-intro = Hier sind Sie angemeldet. Beenden Sie eine Sitzung, die Sie nicht kennen, und ändern Sie dann Ihr Passwort.
sessions-device = { $browser } auf { $system }
sessions-device-unknown = Unbekanntes Gerät
sessions-current = Diese hier
sessions-device-column = Gerät
sessions-signed-in = Angemeldet
sessions-used = Zuletzt benutzt
sessions-address = Adresse
sessions-end-label = Die Sitzung { $device } beenden
sessions-end-others-confirm = Alle anderen Geräte werden abgemeldet und müssen sich neu anmelden. Diese Sitzung geht weiter.
sessions-end = Beenden
sessions-end-others = Alle anderen Sitzungen beenden
sessions-too-many = Sie sind an mehr Orten angemeldet, als diese Seite zeigen kann. Wenn Sie nicht wissen, warum, beenden Sie alle anderen Sitzungen und ändern Sie Ihr Passwort.
sessions-only = Sie sind nirgendwo sonst angemeldet.
done-other-session-ended = Die Sitzung ist beendet.
done-other-sessions-ended = Alle anderen Sitzungen sind beendet.

## Zeiten im Verhältnis zu jetzt

time-now = gerade eben
time-minutes-ago = { $count ->
    [one] vor einer Minute
   *[other] vor { $count } Minuten
}
time-hours-ago = { $count ->
    [one] vor einer Stunde
   *[other] vor { $count } Stunden
}
time-days-ago = { $count ->
    [one] vor einem Tag
   *[other] vor { $count } Tagen
}
time-in-minutes = { $count ->
    [one] in einer Minute
   *[other] in { $count } Minuten
}
time-in-hours = { $count ->
    [one] in einer Stunde
   *[other] in { $count } Stunden
}
time-in-days = { $count ->
    [one] in einem Tag
   *[other] in { $count } Tagen
}

## API-Schlüssel

keys-title = API-Schlüssel
keys-intro = Ein Programm, das einen Schlüssel hat, handelt in Ihrem Namen. Geben Sie jedem Programm einen eigenen, mit nicht mehr Rechten, als es braucht.
keys-none = Sie haben keine API-Schlüssel.
keys-list-heading = Ihre Schlüssel
keys-unused = nie benutzt
keys-used = Zuletzt benutzt
keys-expires = Ende
keys-addresses-all = Überall
keys-end-confirm = Der Schlüssel „{ $name }“ endet jetzt. Das Programm, das ihn benutzt, wird dann abgewiesen, und niemand kann den Schlüssel zurückholen.
keys-expires-never = Hat kein Ende
keys-expired = Ist abgelaufen
keys-permissions-none = Rechte: keine
keys-end = Beenden
keys-end-label = Den Schlüssel { $name } beenden
done-api-key-ended = Der Schlüssel ist beendet. Er wird von jetzt an abgewiesen.
keys-new-heading = Neuer Schlüssel
keys-name = Zweck
keys-name-hint = Für Sie selbst, etwa „nächtlicher Bericht“.
keys-scope = Rechte
keys-scope-all = Alle, die ich habe
keys-scope-some = Nur diese
keys-permissions-field = Berechtigungen
keys-permissions-more = Weitere Berechtigungen
keys-permissions-hint = Je eine Ressource und eine Aktion wie accounts:read, mit Leerzeichen oder Kommas dazwischen.
keys-expires-at = Letzter Tag
keys-expires-at-hint = Der Schlüssel endet mit diesem Tag (UTC). Leer hat er kein Ende.
keys-addresses-field = Adressen
keys-addresses-hint = Von allen anderen Adressen wird der Schlüssel abgewiesen. Schreiben Sie einzelne oder Netze, etwa 192.0.2.7 oder 10.0.0.0/8. Leer gilt er von überall.
keys-submit = Schlüssel anlegen
keys-shown-title = Ihr neuer Schlüssel
keys-shown-intro = Kopieren Sie den Schlüssel „{ $name }“ jetzt. Er wird nur dieses eine Mal angezeigt.
keys-copy = Schlüssel kopieren
keys-copied = Kopiert
keys-shown-back = Ich habe ihn kopiert
