/**
 * Imported first: a package of vega uses a module that Node deprecates, and says so on everybody's terminal.
 */
import process from "node:process";

(process as { noDeprecation?: boolean }).noDeprecation = true;
