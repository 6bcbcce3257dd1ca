# The texts of the script.

## Dialogues
dialog-cancel = Cancel
