/** Derivatives of the forecasts of an OLinear. Not public. */
import { allocateLike, Matrix, type RealArray } from "../arrays/mod.ts";
import { attendBackward } from "./attention.ts";
import { addRowsTo, layerNormBackward, linearBackward, multiplyBy, product } from "./dense.ts";
import { normLinVjp } from "./normlin.ts";
import { type LayerTape, rowsByVariate, SCALE_EPS, type Tape } from "./olinear_forward.ts";
import { type Architecture, decoderBackward, encoderBackward } from "./olinear_fused.ts";
import type { Layer, Parts } from "./olinear_parameters.ts";

/** Adds the derivatives of the sum of cotangents times forecasts to `gradient`. */
export function backward<Data extends RealArray>(
  of: Architecture<Data>,
  tape: Tape<Data>,
  cotangents: Matrix<RealArray>,
  parts: Parts<Data>,
  gradient: Parts<Data>,
): void {
  const { variates, inputLength: T, horizon, width, hidden: F } = of;
  const { batch, fused } = tape;
  const rows = variates * batch;
  const byVariate = (dy: Data, columns: number) => {
    const sums = allocateLike(tape.x, variates * columns);
    for (let v = 0; v < variates; v++) {
      const block = dy.subarray(v * batch * columns, (v + 1) * batch * columns);
      addRowsTo(sums.subarray(v * columns, (v + 1) * columns), block);
    }
    return sums;
  };
  // The forecast's scale.
  const dy = rowsByVariate(variates, cotangents, allocateLike(tape.x, rows * horizon));
  let k = 0;
  for (let r = 0; r < rows; r++) {
    const v = Math.floor(r / batch);
    const scale = parts.scale[v] + SCALE_EPS;
    const deviation = tape.deviation[(r % batch) * variates + v];
    for (let t = 0; t < horizon; t++, k++) {
      dy[k] *= deviation / scale;
      gradient.shift[v] -= dy[k];
      gradient.scale[v] -= dy[k] * (tape.forecasts[k] - parts.shift[v]) / scale;
    }
  }
  // The head.
  const dHidden = linearBackward(tape.hidden, dy, parts.last, gradient.last);
  multiplyBy(dHidden, tape.slope);
  const dBias = byVariate(dHidden, F);
  const dDecoder = allocateLike(tape.x, F * width);
  product(dDecoder, dHidden, tape.features, [F, width, rows], { transposeA: true });
  const dFeatures = allocateLike(tape.x, rows * width);
  product(dFeatures, dHidden, fused.decoder, [rows, width, F]);
  decoderBackward(of, fused, { decoder: dDecoder, bias: dBias }, parts, gradient);
  // The layers.
  let dh = layerNormBackward(tape.norm, dFeatures, parts.norm, gradient.norm);
  for (let l = of.layers - 1; l >= 0; l--) {
    dh = layerBackward(of, tape.layers[l], dh, parts.layers[l], gradient.layers[l], batch);
  }
  // The encoder.
  const dEncoderBias = byVariate(dh, width);
  const dEncoder = allocateLike(tape.x, width * T);
  product(dEncoder, dh, tape.x, [width, T, rows], { transposeA: true });
  encoderBackward(of, fused, { encoder: dEncoder, bias: dEncoderBias }, parts, gradient);
  const dx = allocateLike(tape.x, rows * T);
  product(dx, dh, fused.encoder, [rows, T, width]);
  k = 0;
  for (let r = 0; r < rows; r++) {
    const v = Math.floor(r / batch);
    for (let t = 0; t < T; t++, k++) {
      gradient.scale[v] += dx[k] * tape.normalized[k];
      gradient.shift[v] += dx[k];
    }
  }
}

/** Adds the derivatives by the parameters of a layer to `gradient`; returns those by its inputs. */
function layerBackward<Data extends RealArray>(
  of: Architecture<Data>,
  tape: LayerTape<Data>,
  dy: Data,
  layer: Layer<Data>,
  gradient: Layer<Data>,
  batch: number,
): Data {
  const { variates, width, heads, mixer } = of;
  const dSum = layerNormBackward(tape.norm, dy, layer.norm, gradient.norm);
  const dHidden = linearBackward(tape.hidden, dSum, layer.second, gradient.second);
  multiplyBy(dHidden, tape.slope);
  const dMiddle = linearBackward(tape.middle, dHidden, layer.first, gradient.first, dSum);
  if (mixer === "none") return dMiddle;
  const dInput = layerNormBackward(tape.mixingNorm!, dMiddle, layer.mixingNorm!, gradient.mixingNorm!);
  const last = layer.maps.length - 1;
  const dMixed = linearBackward(tape.mixed, dInput, layer.maps[last], gradient.maps[last]);
  let dMapped: Data[];
  if (mixer === "attention") {
    const [q, k, v] = tape.mapped;
    dMapped = attendBackward([q, k, v], tape.weights, dMixed, { variates, batch, width, heads });
  } else {
    const columns = batch * width;
    const dValues = allocateLike(dMixed, dMixed.length);
    product(dValues, tape.weights, dMixed, [variates, columns, variates], { transposeA: true });
    dMapped = [dValues];
    if (layer.mixing !== undefined) {
      const by = allocateLike(dMixed, variates * variates);
      product(by, dMixed, tape.mapped[0], [variates, variates, columns], { transposeB: true });
      const matrix = (data: Data) => new Matrix(variates, variates, data);
      gradient.mixing!.set(mixer === "normlin" ? normLinVjp(matrix(layer.mixing), matrix(by)).data : by);
    }
    if (layer.mixingBias !== undefined) {
      for (let k = 0; k < dMixed.length; k++) gradient.mixingBias![Math.floor(k / columns)] += dMixed[k];
    }
  }
  dMapped.forEach((by, i) => linearBackward(tape.input, by, layer.maps[i], gradient.maps[i], dInput));
  return dInput;
}
