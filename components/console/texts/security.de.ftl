### Die Seiten zur Sicherheit eines Kontos: Passwort, Adresse, Sitzungen, API-Schlüssel.

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
security-factors-heading = Zweiter Faktor
security-factors-none = Dieser Dienst fragt nur nach Ihrem Passwort. Zweite Faktoren wie Codes aus einer App und Passkeys finden hier ihren Platz.
security-elsewhere-heading = Zugang zu Ihrem Konto
security-sessions-text = Sehen Sie, wo Sie angemeldet sind, und melden Sie sich anderswo ab.
security-api-keys-text = Lassen Sie Programme in Ihrem Namen handeln.

## Ein neuer Nachweis

confirm-title = Bestätigen Sie, dass Sie es sind
confirm-intro = Dafür müssen Sie sich in den letzten 10 Minuten angemeldet haben. Geben Sie Ihr Passwort ein. Danach kommen Sie zurück und drücken dort noch einmal auf den Knopf: Noch ist nichts geändert.
confirm-password = Passwort
confirm-submit = Bestätigen
confirm-cancel = Zurück
done-confirmed = Danke. Drücken Sie jetzt noch einmal auf den Knopf: Das gilt 10 Minuten lang.
error-insufficient-user-authentication = Für dieses Konto reicht Ihr Passwort nicht. Melden Sie sich ab und mit Ihrem zweiten Faktor wieder an.

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
