// What every page runs. One behaviour a file, wired by data attributes, alive again after each htmx swap.
import "./toasts.js";
import "./network.js";
import "./shell.js";
import "./shortcuts.js";
import "./palette.js";
import "./password.js";
import "./copy.js";
import "./mentions.js";
import "./towns.js";
