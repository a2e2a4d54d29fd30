/** A Web Worker of the website: runs the trials of one experiment. */
import { useMnistFrom } from "../../lib/datasets/mnist.ts";
import { serveTrials } from "../../lib/experiment/trial_server.ts";
import { codeFolder } from "./code.ts";

useMnistFrom(new URL("../data/mnist/", codeFolder));
serveTrials(async (module) => (await import(module)).experiment);
