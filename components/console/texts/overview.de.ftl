# Die Übersicht der Verwaltung, die Prüfung einer Berechtigung und die Seiten über die API.

## Navigation
nav-overview = Übersicht
nav-check = Berechtigung prüfen
nav-api = API

## Overview
overview-title = Übersicht
overview-no-figures = Die Zahlen dieses Dienstes sehen alle, die Konten lesen dürfen.
overview-accounts = Konten
overview-new-this-week = Neu in den letzten 7 Tagen
overview-active-sessions = Aktive Sitzungen
overview-oldest-mail = Älteste wartende E-Mail
overview-no-mail = Keine
overview-age-seconds = { $count } s
overview-age-minutes = { $count } min
overview-age-hours = { $count } h
overview-age-days = { $count } d
overview-mail-is-late = E-Mails warten seit mehr als zehn Minuten. Prüfen Sie den Worker und den Mailserver.
overview-schema-version = Schemaversion
overview-logins-title = Anmeldeversuche der letzten 24 Stunden
overview-attempts = Versuche
overview-logins = Anmeldungen
overview-hour = Stunde (UTC)
overview-as-a-table = Als Tabelle
overview-chart-empty = In den letzten 24 Stunden hat niemand versucht, sich anzumelden.
overview-chart-summary = { $attempts } Anmeldeversuche, davon { $logins } erfolgreich. Die meisten, { $most }, in der Stunde ab { $hour } UTC.
overview-chart-hour = Ab { $hour } UTC: { $attempts } Versuche, { $logins } Anmeldungen

## Check a permission
check-title = Berechtigung prüfen
check-introduction = Fragt den Dienst, ob jemand etwas in diesem Augenblick darf, so wie ihn eine andere Anwendung fragen würde.
check-who = Konto
check-who-hint = Adresse oder Nummer; leer für Sie selbst.
check-resource = Ressource
check-resource-hint = Worum es geht, zum Beispiel „article“.
check-action = Aktion
check-action-hint = Was damit geschehen soll, zum Beispiel „publish“.
check-button = Prüfen
check-nobody = Kein Konto hat diese Nummer oder Adresse. Es wurde nichts geprüft.
check-several = Mehrere Konten passen. Schreiben Sie die ganze E-Mail-Adresse.
check-answer = Antwort
check-account = Konto { $id }
check-allowed = Ja: { $who } darf { $right }.
check-denied = Nein: { $who } darf { $right } nicht.
check-by-roles = Durch diese Rollen: { $roles }.
check-by-strict-roles = Diese Rollen erlauben es, aber sie zählen nur mit einem zweiten Faktor: { $roles }.
check-no-role = Keine Rolle des Kontos erlaubt es.
check-is-administrator = Das Konto ist als Administrator gekennzeichnet und darf alles.
check-is-inactive = Das Konto ist deaktiviert. Es darf nichts, bis es jemand aktiviert.
check-to-account = Zum Konto

## API
api-title = API
api-introduction = Alles auf diesen Seiten ist auch eine Operation der API, mit denselben Rechten.
api-read-title = Lesen und ausprobieren
api-read-text = Was die API kann, mit jedem Feld und jeder Ablehnung.
api-swagger = Swagger UI zum Ausprobieren
api-redoc = ReDoc zum Lesen
api-openapi = OpenAPI-Dokument für Generatoren
api-verify-title = Für andere Dienste
api-verify-text = Woran ein anderer Dienst die Token dieses Dienstes erkennt.
api-metadata = Metadaten (RFC 8414)
api-keys = Öffentliche Schlüssel (RFC 7517)
api-health-title = Für die Überwachung
api-health-text = Ob der Dienst läuft und ob er seine Datenbank hat.
api-healthz = Er läuft
api-readyz = Er ist bereit
api-call-title = Ein Aufruf
api-call-text = Ein Programm sendet seinen API-Schlüssel wie ein Zugriffstoken. Legen Sie dafür unter „Konten“ ein Dienstkonto an und dort einen Schlüssel.
