### Die Seiten /console/accounts…

## Jede Seite der Administration

nav-accounts = Konten
console-cancel = Abbrechen
console-pages-label = Seiten der Liste
console-pages-first = Erste Seite
console-pages-next = Nächste Seite

## Jede Seite über Konten

admin-account-name-unnamed = Konto { $id }
admin-account-badge-inactive = deaktiviert
admin-account-badge-admin = Administration
admin-account-badge-unverified = Adresse nicht bestätigt
admin-account-badge-service = Dienstkonto
admin-account-kind-person = Person
admin-account-kind-service = Dienstkonto
admin-account-address-none = keine Adresse

## Die Liste

accounts-title = Konten
accounts-search-label = Name oder E-Mail-Adresse enthält
accounts-search-button = Suchen
accounts-search-clear = Alle zeigen
accounts-filter-active = Nur aktive Konten
accounts-filter-kind = Art
accounts-filter-kind-any = Jede Art
accounts-table-caption = Konten in der Reihenfolge ihrer Nummern
accounts-table-select = Auswahl
accounts-table-name = Name
accounts-table-email = E-Mail-Adresse
accounts-table-state = Zustand
accounts-table-created = Seit
accounts-table-select-one = { $name } auswählen
accounts-none = Kein Konto passt.
accounts-none-advice = Suchen Sie nach weniger Buchstaben, oder entfernen Sie einen Filter.
accounts-new = Neues Konto

## Änderungen mehrerer Konten

accounts-bulk-legend = Mit den ausgewählten Konten
accounts-bulk-action = Aktion
accounts-bulk-action-deactivate = Deaktivieren
accounts-bulk-action-activate = Aktivieren
accounts-bulk-action-end-sessions = Alle Sitzungen beenden
accounts-bulk-action-give-role = Eine Rolle geben
accounts-bulk-role = Rolle (nur für „Eine Rolle geben“)
accounts-bulk-button = Weiter
accounts-bulk-hint = Die nächste Seite sagt, was geschehen wird, bevor etwas geschieht.
accounts-bulk-empty = Wählen Sie mindestens ein Konto aus.
accounts-bulk-unknown = Wählen Sie eine Aktion aus der Liste.
accounts-bulk-roleless = Wählen Sie die Rolle, die die Konten bekommen.
accounts-bulk-all = Alle Konten dieser Seite auswählen

accounts-confirm-title = Sind Sie sicher?
accounts-confirm-deactivate = { $count ->
    [one] Ein Konto wird deaktiviert.
   *[other] { $count } Konten werden deaktiviert.
}
accounts-confirm-deactivate-effect = Niemand kann sich damit anmelden, die Sitzungen enden sofort, und API-Schlüssel werden abgewiesen, bis das Konto wieder aktiviert ist. Nichts wird gelöscht. Alle ändern sich, oder keines.
accounts-confirm-activate = { $count ->
    [one] Ein Konto wird aktiviert.
   *[other] { $count } Konten werden aktiviert.
}
accounts-confirm-activate-effect = Wem es gehört, kann sich wieder anmelden, und API-Schlüssel gelten wieder. Alle ändern sich, oder keines.
accounts-confirm-end-sessions = { $count ->
    [one] Alle Sitzungen eines Kontos werden beendet.
   *[other] Alle Sitzungen von { $count } Konten werden beendet.
}
accounts-confirm-end-sessions-effect = Wem es gehört, ist überall abgemeldet und kann sich wieder anmelden. API-Schlüssel bleiben.
accounts-confirm-give-role = { $count ->
    [one] Ein Konto bekommt die Rolle „{ $role }“.
   *[other] { $count } Konten bekommen die Rolle „{ $role }“.
}
accounts-confirm-give-role-effect = Die Rechte der Rolle gelten ab der nächsten Anfrage. Wer die Rolle schon hat, behält sie.
accounts-confirm-whom = Die Konten
accounts-confirm-button-deactivate = Deaktivieren
accounts-confirm-button-activate = Aktivieren
accounts-confirm-button-end-sessions = Sitzungen beenden
accounts-confirm-button-give-role = Rolle geben

accounts-outcome-title = Was geschehen ist
accounts-outcome-all = { $count ->
    [one] Das Konto wurde geändert.
   *[other] Alle { $count } Konten wurden geändert.
}
accounts-outcome-some = { $count } von { $total } Konten wurden geändert.
accounts-outcome-nothing = Nichts wurde geändert.
accounts-outcome-account = Konto
accounts-outcome-result = Ergebnis
accounts-outcome-deactivate = Deaktiviert.
accounts-outcome-activate = Aktiviert.
accounts-outcome-end-sessions = Alle Sitzungen sind beendet.
accounts-outcome-give-role = Hat die Rolle.
accounts-outcome-missing = Dieses Konto gibt es nicht mehr.
accounts-outcome-unchanged = Nicht geändert.
accounts-outcome-back = Zurück zu den Konten

## Ein neues Konto

accounts-new-title = Neues Konto
accounts-new-person = Eine Person
accounts-new-person-text = Ohne Passwort bekommt die Person eine Einladung per E-Mail und wählt selbst eines.
accounts-new-service = Ein Programm
accounts-new-service-text = Ein Dienstkonto hat weder Adresse noch Passwort. Geben Sie ihm danach einen API-Schlüssel.
accounts-new-email = E-Mail-Adresse
accounts-new-name = Vollständiger Name
accounts-new-service-name = Name des Programms
accounts-new-password = Passwort
accounts-new-password-hint = Leer lassen, um eine Einladung zu senden. Sonst 8 bis 128 Zeichen.
accounts-new-roles = Rollen
accounts-new-roles-hint = Jedes neue Konto bekommt auch die Standardrollen.
accounts-new-button-person = Konto anlegen
accounts-new-button-service = Dienstkonto anlegen
accounts-role-choose = Rolle auswählen

## Ein Konto

admin-account-facts = Konto
admin-account-fact-id = Nummer
admin-account-fact-kind = Art
admin-account-fact-email = E-Mail-Adresse
admin-account-fact-verified = Adresse bestätigt
admin-account-fact-active = Aktiv
admin-account-fact-admin = Administration
admin-account-fact-created = Seit
admin-account-fact-updated = Zuletzt geändert
admin-account-yes = ja
admin-account-no = nein
admin-account-back = Alle Konten

admin-account-profile-title = Profil
admin-account-profile-bio = Über die Person
admin-account-profile-location = Ort
admin-account-profile-website = Website
admin-account-profile-avatar = Bild
admin-account-profile-phone = Telefon
admin-account-profile-birth = Geburtsdatum
admin-account-profile-preferences = Einstellungen
admin-account-profile-empty = Dieses Profil ist leer.

admin-account-change-title = Ändern
admin-account-change-email = E-Mail-Adresse
admin-account-change-email-hint = Eine neue Adresse wird beiden Adressen mitgeteilt und beendet die Links, die an die alte gingen.
admin-account-change-name = Vollständiger Name
admin-account-change-button = Speichern
admin-account-change-oneself = Dies ist Ihr eigenes Konto. Ändern Sie es unter „Ihr Konto“.

admin-account-roles-title = Rollen
admin-account-roles-none = Keine Rollen.
admin-account-roles-take = Entziehen
admin-account-roles-take-one = Die Rolle { $name } entziehen
admin-account-roles-add = Eine Rolle geben
admin-account-roles-add-button = Rolle geben

admin-account-sessions-title = Sitzungen
admin-account-sessions-none = Es gibt keine Sitzung.
admin-account-sessions-client = Gerät
admin-account-sessions-address = Netzadresse
admin-account-sessions-begun = Angemeldet
admin-account-sessions-used = Zuletzt benutzt
admin-account-sessions-current = diese Sitzung
admin-account-sessions-more = Und { $count } weitere.
admin-account-sessions-unknown = unbekannt

admin-account-keys-title = API-Schlüssel
admin-account-keys-none = Es gibt keinen API-Schlüssel.
admin-account-keys-name = Zweck
admin-account-keys-permissions = Beschränkt auf
admin-account-keys-permissions-all = alle Rechte des Kontos
admin-account-keys-permissions-none = kein Recht
admin-account-keys-addresses = Benutzbar von
admin-account-keys-addresses-all = überall
admin-account-keys-addresses-none = nirgends
admin-account-keys-expires = Läuft ab
admin-account-keys-expires-never = nie
admin-account-keys-used = Zuletzt benutzt
admin-account-keys-used-never = noch nicht
admin-account-keys-end = Beenden
admin-account-keys-end-one = Den Schlüssel { $name } beenden
admin-account-keys-new = Neuer API-Schlüssel
admin-account-keys-new-name = Zweck
admin-account-keys-new-name-hint = Zum Beispiel „nächtlicher Bericht“.
admin-account-keys-new-permissions = Auf diese Rechte beschränken
admin-account-keys-new-permissions-hint = Durch Leerzeichen getrennt, etwa accounts:read. Leer: alle Rechte des Kontos.
admin-account-keys-new-addresses = Benutzbar von
admin-account-keys-new-addresses-hint = Adressen oder Netze, durch Leerzeichen getrennt, etwa 10.0.0.0/8. Leer: von überall.
admin-account-keys-new-expires = Läuft ab am
admin-account-keys-new-expires-hint = Am Ende dieses Tages (UTC). Leer: nie.
admin-account-keys-new-button = Schlüssel erzeugen
admin-account-keys-made-title = Der neue API-Schlüssel
admin-account-keys-made-text = Kopieren Sie den Schlüssel jetzt: Er wird nur dieses eine Mal gezeigt. Ein Programm sendet ihn als Bearer-Token.
admin-account-keys-made-back = Zurück zum Konto
admin-account-keys-made-copy = Kopieren
admin-account-keys-made-copied = Kopiert

admin-account-actions-title = Aktionen
admin-account-action-activate = Aktivieren
admin-account-action-activate-text = Wem das Konto gehört, kann sich wieder anmelden, und API-Schlüssel gelten wieder.
admin-account-action-deactivate = Deaktivieren
admin-account-action-deactivate-text = Niemand kann sich anmelden, die Sitzungen enden sofort, und API-Schlüssel werden abgewiesen, bis das Konto wieder aktiviert ist.
admin-account-action-make-admin = Zur Administration machen
admin-account-action-make-admin-text = Die Administration hat jedes Recht und kann jedes Konto ändern.
admin-account-action-remove-admin = Aus der Administration nehmen
admin-account-action-remove-admin-text = Das Konto behält die Rechte seiner Rollen.
admin-account-action-password-reset = Link für ein neues Passwort senden
admin-account-action-password-reset-text = Der Link kommt per E-Mail. Bis er benutzt ist, bleiben Passwort und Sitzungen. Gibt es noch kein Passwort, ist es noch einmal die Einladung.
admin-account-action-factors = Zweite Faktoren entfernen
admin-account-action-factors-text = Für jemanden, der die Authenticator-App oder den Passkey und alle Wiederherstellungscodes verloren hat. Vergewissern Sie sich vorher, dass die Bitte von der Person kommt, der das Konto gehört: Danach reicht das Passwort allein. Alle Sitzungen enden, und sie erfährt es per E-Mail.
admin-account-action-sessions = Alle Sitzungen beenden
admin-account-action-sessions-text = Wem das Konto gehört, ist überall abgemeldet und kann sich wieder anmelden. API-Schlüssel bleiben.
admin-account-action-delete = Löschen
admin-account-action-delete-text = Das Konto verschwindet für immer, mit Profil, Sitzungen, API-Schlüsseln und Rollen. Niemand kann es zurückholen.
admin-account-confirm-activate = { $name } aktivieren?
admin-account-confirm-deactivate = { $name } deaktivieren?
admin-account-confirm-make-admin = { $name } zur Administration machen?
admin-account-confirm-remove-admin = { $name } aus der Administration nehmen?
admin-account-confirm-password-reset = { $name } einen Link für ein neues Passwort senden?
admin-account-confirm-factors = Die zweiten Faktoren von { $name } entfernen?
admin-account-confirm-sessions = Alle Sitzungen von { $name } beenden?
admin-account-confirm-delete = { $name } löschen?
admin-account-partial = Dieses Konto hat mehr Sitzungen, API-Schlüssel oder Rollen, als diese Seite zeigen kann. Deshalb fehlen Listen. Alle Sitzungen auf einmal lassen sich trotzdem beenden.
admin-account-readonly = Sie dürfen Konten ansehen, aber nicht ändern.
admin-account-action-verify = Adresse als bestätigt kennzeichnen
admin-account-action-verify-text = Tun Sie dies, wenn Sie wissen, dass die Adresse der Person gehört.
admin-account-action-unverify = Adresse als nicht bestätigt kennzeichnen
admin-account-action-unverify-text = Wo eine bestätigte Adresse verlangt wird, muss sie vor der nächsten Anmeldung bestätigt werden.
admin-account-confirm-verify = Die Adresse von { $name } als bestätigt kennzeichnen?
admin-account-confirm-unverify = Die Adresse von { $name } als nicht bestätigt kennzeichnen?

## Meldungen nach einer Änderung

done-account-activated = Das Konto ist aktiv.
done-account-deactivated = Das Konto ist deaktiviert.
done-account-verified = Die Adresse gilt als bestätigt.
done-account-unverified = Die Adresse gilt als nicht bestätigt.
done-account-admin-made = Das Konto gehört jetzt zur Administration.
done-account-admin-removed = Das Konto gehört nicht mehr zur Administration.
done-account-reset-sent = Der Link ist unterwegs.
done-account-factors-removed = Das Konto hat keinen zweiten Faktor mehr.
done-account-sessions-ended = Alle Sitzungen des Kontos sind beendet.
done-account-removed = Das Konto ist gelöscht.
done-account-created = Das Konto ist angelegt.
done-account-invited = Das Konto ist angelegt, und die Einladung ist unterwegs.
done-account-saved = Das Konto ist geändert.
done-account-role-given = Das Konto hat die Rolle.
done-account-role-taken = Das Konto hat die Rolle nicht mehr.
done-account-key-ended = Der API-Schlüssel ist beendet.

## Ablehnungen der API, die es nur auf diesen Seiten gibt

error-last-admin = Es bliebe niemand übrig, der administriert. Machen Sie zuerst jemand anderen zur Administration.
error-cannot-target-self = Das können Sie mit Ihrem eigenen Konto nicht tun. Bitten Sie jemand anderen aus der Administration.
error-exceeds-own-rights = Sie können nur Rechte geben, die Sie selbst haben. Wenden Sie sich an die Administration.
error-email-taken = Ein anderes Konto hat diese E-Mail-Adresse. Verwenden Sie eine andere.
error-account-inactive = Das Konto ist deaktiviert. Aktivieren Sie es zuerst.
error-service-account = Ein Dienstkonto hat weder E-Mail-Adresse noch Passwort. Erzeugen Sie stattdessen einen API-Schlüssel.
error-not-a-service-account = Dieses Konto gehört einer Person, die API-Schlüssel unter „Ihr Konto“ erzeugt.
error-too-many-api-keys = Das Konto hat schon 100 API-Schlüssel. Beenden Sie einen, der nicht mehr gebraucht wird.
error-api-key-not-allowed = Mit einem API-Schlüssel geht das nicht. Melden Sie sich an.
