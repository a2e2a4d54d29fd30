/**
 * Imported first: a package of vega uses a module that Node deprecates, and prints a warning on everybody's terminal.
 */
import process from "node:process";

(process as { noDeprecation?: boolean }).noDeprecation = true;
