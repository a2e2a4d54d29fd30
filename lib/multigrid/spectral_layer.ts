/** The spectral convolution of a Fourier neural operator as a layer. Not public. */
import type { RealArray } from "../arrays/mod.ts";
import { engine } from "../blas/choice.ts";
import type { BoundLayer, GridLayer, Room } from "./layer.ts";

/**
 * The lowest Fourier modes of a square are mixed between channels, all others removed (Li et al. 2021):
 * `modes` of each sign along rows, and as many along columns, the negative ones by conjugation. The
 * transforms of so few modes are products with a matrix of cosines and sines.
 */
export function spectralLayer(
  n: number,
  [inputs, outputs]: readonly [channelsIn: number, channelsOut: number],
  options: { modes: number; name: string },
): GridLayer {
  const { modes, name } = options;
  const points = n * n;
  const kept = [...Array(modes).keys()];
  const pairs = [...kept, ...kept.map((k) => k - modes)].flatMap((k1) => kept.map((k2) => [k1, k2]));
  return {
    input: { channels: inputs, points },
    output: { channels: outputs, points },
    // Real and imaginary parts, uniform in [0, 1) over the product of the channels.
    tensors: [{ name, shape: [pairs.length, 2, inputs, outputs], start: [0, 1 / (inputs * outputs)] }],
    bind<Data extends RealArray>(room: Room<Data>): BoundLayer<Data> {
      const { batch, values: [weights], gradients: [gradient] } = room;
      const rows = 2 * pairs.length;
      // Rows are the real and the imaginary part of each mode; columns are points.
      const analysis = room.allocate(rows * points);
      const synthesis = room.allocate(points * rows);
      pairs.forEach(([k1, k2], k) => {
        const factor = (k2 === 0 ? 1 : 2) / points;
        for (let p = 0; p < points; p++) {
          const angle = 2 * Math.PI * (((k1 * Math.floor(p / n) + k2 * (p % n)) % n) / n);
          analysis[2 * k * points + p] = Math.cos(angle);
          analysis[(2 * k + 1) * points + p] = -Math.sin(angle);
          synthesis[p * rows + 2 * k] = factor * Math.cos(angle);
          synthesis[p * rows + 2 * k + 1] = -factor * Math.sin(angle);
        }
      });
      // Spectra are [modes, 2, channels, batch].
      const spectrum = room.allocate(rows * inputs * batch);
      const mixed = room.allocate(rows * outputs * batch);
      const y = room.allocate(outputs * points * batch);
      const dx = room.allocate(inputs * points * batch);
      // A complex matrix as a real one of twice the size, transposed as the weights are.
      const real = room.allocate(4 * inputs * outputs);
      const realGradient = room.allocate(4 * inputs * outputs);
      const size = inputs * outputs;
      const spread = (k: number) => {
        for (let i = 0; i < inputs; i++) {
          for (let o = 0; o < outputs; o++) {
            const re = weights[2 * k * size + i * outputs + o];
            const im = weights[(2 * k + 1) * size + i * outputs + o];
            real[i * 2 * outputs + o] = re;
            real[i * 2 * outputs + outputs + o] = im;
            real[(inputs + i) * 2 * outputs + o] = -im;
            real[(inputs + i) * 2 * outputs + outputs + o] = re;
          }
        }
      };
      /** Spectra of all channels, or the adjoint of the synthesis: products of one channel at a time. */
      const toSpectrum = (matrix: Data, isTransposed: boolean, x: Data, channels: number, out: Data) => {
        for (let c = 0; c < channels; c++) {
          engine().gemm(
            isTransposed,
            false,
            rows,
            batch,
            points,
            1,
            matrix,
            isTransposed ? rows : points,
            x.subarray(c * points * batch, (c + 1) * points * batch),
            batch,
            0,
            out.subarray(c * batch),
            channels * batch,
          );
        }
      };
      const fromSpectrum = (matrix: Data, isTransposed: boolean, x: Data, channels: number, out: Data) => {
        for (let c = 0; c < channels; c++) {
          engine().gemm(
            isTransposed,
            false,
            points,
            batch,
            rows,
            1,
            matrix,
            isTransposed ? points : rows,
            x.subarray(c * batch),
            channels * batch,
            0,
            out.subarray(c * points * batch, (c + 1) * points * batch),
            batch,
          );
        }
      };
      const modeOf = (data: Data, channels: number, k: number) =>
        data.subarray(2 * k * channels * batch, 2 * (k + 1) * channels * batch);
      return {
        forward(x: Data) {
          toSpectrum(analysis, false, x, inputs, spectrum);
          for (let k = 0; k < pairs.length; k++) {
            spread(k);
            const [from, to] = [modeOf(spectrum, inputs, k), modeOf(mixed, outputs, k)];
            engine().gemm(
              true,
              false,
              2 * outputs,
              batch,
              2 * inputs,
              1,
              real,
              2 * outputs,
              from,
              batch,
              0,
              to,
              batch,
            );
          }
          fromSpectrum(synthesis, false, mixed, outputs, y);
          return y;
        },
        backward(dy: Data) {
          toSpectrum(synthesis, true, dy, outputs, mixed);
          for (let k = 0; k < pairs.length; k++) {
            spread(k);
            const [from, to] = [modeOf(spectrum, inputs, k), modeOf(mixed, outputs, k)];
            engine().gemm(
              false,
              true,
              2 * inputs,
              2 * outputs,
              batch,
              1,
              from,
              batch,
              to,
              batch,
              0,
              realGradient,
              2 * outputs,
            );
            for (let i = 0; i < inputs; i++) {
              for (let o = 0; o < outputs; o++) {
                const [upper, lower] = [i * 2 * outputs, (inputs + i) * 2 * outputs];
                gradient[2 * k * size + i * outputs + o] += realGradient[upper + o] +
                  realGradient[lower + outputs + o];
                gradient[(2 * k + 1) * size + i * outputs + o] += realGradient[upper + outputs + o] -
                  realGradient[lower + o];
              }
            }
            // The spectrum of the input is not needed any more.
            engine().gemm(
              false,
              false,
              2 * inputs,
              batch,
              2 * outputs,
              1,
              real,
              2 * outputs,
              to,
              batch,
              0,
              from,
              batch,
            );
          }
          fromSpectrum(analysis, true, spectrum, inputs, dx);
          return dx;
        },
      };
    },
  };
}
