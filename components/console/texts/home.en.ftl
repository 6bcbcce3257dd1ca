# What the script of the pages says.

## Dialogues
dialog-cancel = Cancel
