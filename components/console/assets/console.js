// Makes the pages more comfortable. Every page works without this script.
"use strict";
