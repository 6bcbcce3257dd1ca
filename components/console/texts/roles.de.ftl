### Die Seiten /console/roles… und /console/permissions…

nav-roles = Rollen
nav-permissions = Berechtigungen

## Die Rollen

roles-title = Rollen
roles-text = Eine Rolle ist eine Menge von Berechtigungen. Wer die Rolle hat, hat sie ab der nächsten Anfrage.
roles-table-caption = Rollen in der Reihenfolge ihrer Nummern
roles-table-name = Name
roles-table-description = Beschreibung
roles-table-permissions = Berechtigungen
roles-badge-default = Standard
roles-badge-strict = zweiter Faktor
roles-none = Es gibt noch keine Rolle.
roles-new-title = Neue Rolle
roles-new-name = Name
roles-new-description = Beschreibung
roles-new-default = Alle, die sich registrieren, bekommen sie
roles-new-strict = Sie gilt nur für Menschen, die sich mit einem zweiten Faktor angemeldet haben
roles-new-button = Rolle anlegen
roles-to-matrix = Berechtigungen aller Rollen

## Eine Rolle

role-back = Alle Rollen
role-default-yes = Alle, die sich registrieren, bekommen diese Rolle.
role-strict-yes = Sie gilt nur nach einer Anmeldung mit einem zweiten Faktor.
role-permissions-title = Berechtigungen
role-permissions-none = Diese Rolle erlaubt nichts.
role-permissions-more = Und { $count } weitere.
role-permissions-edit = Berechtigungen bearbeiten
role-change-title = Ändern
role-change-button = Speichern
role-holders-title = Wer diese Rolle hat
role-holders-none = Niemand hat diese Rolle.
role-holders-name = Name
role-holders-email = E-Mail-Adresse
role-holders-others = Andere Rollen
role-holders-take = Die Rolle { $name } entziehen
role-give-title = Diese Rolle geben
role-give-account = Nummer des Kontos
role-give-account-hint = Die Nummer steht auf der Seite des Kontos.
role-give-button = Rolle geben
role-delete = Diese Rolle löschen
role-delete-title = Die Rolle { $name } löschen?
role-delete-text = Wer sie hat, verliert ihre Berechtigungen mit der nächsten Anfrage. Berechtigungen und Konten bleiben.
role-delete-button = Löschen
role-readonly = Sie dürfen Rollen ansehen, aber nicht ändern.

## Die Berechtigungen

permissions-title = Berechtigungen
permissions-text = Jede Zeile ist eine Berechtigung, jede Spalte eine Rolle. Kreuzen Sie an, was eine Rolle erlaubt, und speichern Sie.
permissions-table-caption = Berechtigungen nach Rollen
permissions-table-permission = Berechtigung
permissions-none = Es gibt noch keine Berechtigung.
permissions-roleless = Es gibt noch keine Rolle. Legen Sie zuerst eine an.
permissions-roles-next = Nächste Rollen
permissions-roles-first = Erste Rollen
permissions-roles-pages = Seiten der Rollen
permissions-save = Speichern
permissions-reset = Kreuze zurücksetzen
permissions-outcome-title = Was geschehen ist
permissions-outcome-saved = Gespeichert: { $added } dazu, { $removed } entfernt.
permissions-outcome-same = Nichts zu ändern.
permissions-outcome-unchanged = Nicht geändert.
permissions-outcome-missing = Diese Rolle gibt es nicht mehr.
permissions-outcome-role = Rolle
permissions-outcome-result = Ergebnis
permissions-outcome-back = Zurück zu den Berechtigungen
permissions-new-title = Neue Berechtigung
permissions-new-name = Name
permissions-new-description = Beschreibung
permissions-new-resource = Ressource
permissions-new-action = Aktion
permissions-new-action-hint = Zum Beispiel read oder write; all steht für jede Aktion.
permissions-new-button = Berechtigung anlegen
permissions-change-title = Ändern
permissions-change-button = Speichern
permissions-delete = Diese Berechtigung löschen
permissions-delete-title = Die Berechtigung { $name } löschen?
permissions-delete-text = Keine Rolle erlaubt sie mehr. Das lässt sich nicht rückgängig machen.
permissions-delete-button = Löschen
permissions-back = Alle Berechtigungen
permissions-readonly = Sie dürfen Berechtigungen ansehen, aber nicht ändern.

## Meldungen nach einer Änderung

done-role-created = Die Rolle ist angelegt.
done-role-saved = Die Rolle ist geändert.
done-role-deleted = Die Rolle ist gelöscht.
done-role-given = Das Konto hat die Rolle.
done-role-taken = Das Konto hat die Rolle nicht mehr.
done-permission-created = Die Berechtigung ist angelegt.
done-permission-saved = Die Berechtigung ist geändert.
done-permission-deleted = Die Berechtigung ist gelöscht.

## Ablehnungen der API, die es nur auf diesen Seiten gibt

error-name-taken = Diesen Namen gibt es schon. Wählen Sie einen anderen.
error-default-role-administrates = Eine Standardrolle darf admin:all nicht erlauben: Wer sich registriert, hätte sonst jedes Recht.
