/** A Web Worker of the website: runs the trials of one experiment. */
import { serveTrials } from "../../lib/experiment/trial_server.ts";

serveTrials(async (module) => (await import(module)).experiment);
