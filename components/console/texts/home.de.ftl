# Was das Skript der Seiten sagt.

## Dialoge
dialog-cancel = Abbrechen
