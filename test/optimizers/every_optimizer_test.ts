/**
 * What every optimizer for tfjs must do, whatever its method: go on exactly after it was saved, keep its
 * state when variables are renamed, refuse what is wrong before anything has changed, and leave no tensor
 * behind. A new optimizer is one row in `every_optimizer.ts`.
 */
import * as tf from "@tensorflow/tfjs";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { root } from "../docs/entry_points.ts";
import { type NativeBackend, useBestBackend } from "refigure/tfjs";
import { exportedOptimizers, OPTIMIZERS, saved, smallModel, train, weightsOf } from "./every_optimizer.ts";

console.warn = () => {};
await useBestBackend({ verbose: false });

const BACKENDS = ["cpu", "native"];
const rows = Object.entries(OPTIMIZERS);
/** Variables need names that no other has. */
let next = 0;

interface Everything {
  weights: number[][];
  state: [name: string, values: number[]][];
}

/** Weights and state as numbers, to see whether anything has changed. */
async function everything(model: tf.LayersModel): Promise<Everything> {
  const state = await (model.optimizer as tf.Optimizer).getWeights();
  return {
    weights: weightsOf(model),
    state: state.map(({ name, tensor }) => [name, Array.from(tensor.dataSync())]),
  };
}

/** The same under the names of another model's variables. */
function renamed({ weights, state }: Everything, model: tf.LayersModel): Everything {
  const names = model.trainableWeights.map((weight) => (weight.read() as tf.Variable).name);
  const old = [...new Set(state.map(([name]) => name.split("::")[0]))].slice(1);
  return {
    weights,
    state: state.map(([name, values]) => {
      const [variable, array] = name.split("::");
      return [array === undefined ? name : `${names[old.indexOf(variable)]}::${array}`, values];
    }),
  };
}

Deno.test("every exported optimizer is in the table, and registered under its name", () => {
  const abstractOnes = ["TransformationOptimizer"];
  assertEquals(
    [...new Set(exportedOptimizers())].filter((name) => !abstractOnes.includes(name)).sort(),
    Object.keys(OPTIMIZERS).sort(),
  );
  const { classNameMap } = tf.serialization.SerializationMap.getMap();
  for (const [name, { make }] of rows) {
    assertEquals(make().getClassName(), name);
    assert(classNameMap[name] !== undefined, name);
  }
});

for (const backend of BACKENDS) {
  for (const [name, { make }] of rows) {
    Deno.test(`${name} on ${backend}: a model saved and loaded in the same process goes on exactly`, async () => {
      await tf.setBackend(backend);
      const model = smallModel(make());
      await train(model, [0, 1, 2]);
      const artifacts = await saved(model);
      await train(model, [3, 4]);
      const loaded = await tf.loadLayersModel(tf.io.fromMemory(artifacts));
      // tfjs gives the loaded variables other names: those of the first model are taken.
      await train(loaded, [3, 4]);
      assertEquals(weightsOf(loaded), weightsOf(model));
      assertEquals(
        (loaded.optimizer as tf.Optimizer).getConfig(),
        (model.optimizer as tf.Optimizer).getConfig(),
      );
      model.dispose();
      loaded.dispose();
    });

    Deno.test(`${name} on ${backend}: state moves to a rebuilt model, by setWeights and with the optimizer`, async () => {
      await tf.setBackend(backend);
      const straight = smallModel(make());
      await train(straight, [0, 1, 2, 3, 4]);
      const wanted = weightsOf(straight);
      const first = smallModel(make());
      await train(first, [0, 1, 2]);
      const given = await (first.optimizer as tf.Optimizer).getWeights();
      const second = smallModel(make());
      second.setWeights(first.getWeights());
      await (second.optimizer as tf.Optimizer).setWeights(given);
      await train(second, [3, 4]);
      assertEquals(weightsOf(second), wanted);
      // The cell that builds the model is run again, and the optimizer is the same.
      const third = smallModel(first.optimizer as tf.Optimizer);
      third.setWeights(first.getWeights());
      await train(third, [3, 4]);
      assertEquals(weightsOf(third), wanted);
      for (const model of [straight, first, second, third]) model.dispose();
    });

    Deno.test(`${name} on ${backend}: what was restored is saved again, before and after a step`, async () => {
      await tf.setBackend(backend);
      const model = smallModel(make());
      await train(model, [0, 1]);
      const optimizer = model.optimizer as tf.Optimizer;
      const numbersOf = async (from: tf.Optimizer) =>
        (await from.getWeights()).map(({ name, tensor }) => [name, Array.from(tensor.dataSync())]);
      const before = await numbersOf(optimizer);
      const other = make();
      await other.setWeights(await optimizer.getWeights());
      assertEquals(await numbersOf(other), before);
      await other.setWeights(await other.getWeights());
      await optimizer.setWeights(await optimizer.getWeights());
      assertEquals(await numbersOf(optimizer), before);
      assertEquals(await numbersOf(other), before);
      await train(model, [2]);
      assertEquals((await optimizer.getWeights()).length, before.length);
      optimizer.dispose();
      other.dispose();
      model.dispose();
    });

    Deno.test(`${name} on ${backend}: training and saving leave no tensor behind, dispose frees the rest`, async () => {
      await tf.setBackend(backend);
      const heap = () => (tf.backend() as Partial<NativeBackend>).heap?.bytesInUse ?? 0;
      const start = [tf.memory().numTensors, heap()];
      const optimizer = make();
      const model = smallModel(optimizer);
      const counts: unknown[] = [];
      for (let batch = 0; batch < 4; batch++) {
        await train(model, [batch]);
        await saved(model);
        await optimizer.setWeights(await optimizer.getWeights());
        counts.push([tf.memory().numTensors, tf.memory().numBytes, heap()]);
      }
      assertEquals(counts[3], counts[2]);
      assertEquals(counts[2], counts[1]);
      await train(model, [4]);
      optimizer.dispose();
      model.dispose();
      assertEquals([tf.memory().numTensors, heap()], start);
    });

    Deno.test(`${name} on ${backend}: a step that is refused changes nothing`, async () => {
      await tf.setBackend(backend);
      const model = smallModel(make());
      await train(model, [0, 1]);
      const optimizer = model.optimizer as tf.Optimizer;
      const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
      const gradients = variables.map(({ name, shape }) => ({ name, tensor: tf.ones(shape) as tf.Tensor }));
      const last = gradients.length - 1;
      const wrong: Record<string, [{ name: string; tensor: tf.Tensor }[], typeof Error, string]> = {
        "a gradient of another shape": [
          gradients.with(last, { name: gradients[last].name, tensor: tf.ones([2, 2, 2]) }),
          RangeError,
          `The gradient of ${gradients[last].name} must have shape`,
        ],
        "an unknown variable": [
          gradients.with(last, { name: "gone", tensor: tf.ones([2]) }),
          RangeError,
          "There is no variable named gone",
        ],
        "a variable twice": [[...gradients, gradients[0]], RangeError, "two gradients of"],
        "integers": [
          gradients.with(last, {
            name: gradients[last].name,
            tensor: tf.ones(gradients[last].tensor.shape, "int32"),
          }),
          TypeError,
          "must be float32, got int32",
        ],
      };
      if (!name.startsWith("Fused")) {
        const { shape } = gradients[last].tensor;
        wrong["a gradient that is NaN"] = [
          gradients.with(last, { name: gradients[last].name, tensor: tf.fill(shape, NaN) }),
          RangeError,
          `The gradient of ${gradients[last].name} is not finite at step 2: entry 0 is NaN`,
        ];
      }
      const before = await everything(model);
      for (const [what, [given, type, message]] of Object.entries(wrong)) {
        assertThrows(() => optimizer.applyGradients(given), type, message, what);
        assertEquals(await everything(model), before, what);
      }
      // A loss that is not finite: neither the loss nor its gradients stay behind.
      if (!name.startsWith("Fused")) {
        const tensors = tf.memory().numTensors;
        const loss = () => tf.tidy(() => tf.mul(tf.sum(variables[0]), Infinity) as tf.Scalar);
        assertThrows(() => optimizer.minimize(loss, true, variables.slice(0, 1)), RangeError, "not finite");
        assertEquals(tf.memory().numTensors, tensors);
        assertEquals(await everything(model), before);
      }
      // The step that follows is that of an optimizer which was never in trouble.
      await train(model, [2, 3]);
      const straight = smallModel(make());
      await train(straight, [0, 1, 2, 3]);
      assertEquals(await everything(model), renamed(await everything(straight), model));
      straight.dispose();
      model.dispose();
    });
  }
}

for (const [name, { make, names, routes, schedules }] of rows) {
  Deno.test(`${name}: a state of other variables is refused at the next step, and changes nothing`, async () => {
    await tf.setBackend("cpu");
    const of = (shapes: number[][]) =>
      shapes.map((shape, i) => tf.variable(tf.ones(shape), true, `${name}${next++}/${i}`));
    const stepOf = (optimizer: tf.Optimizer, variables: tf.Variable[]) =>
      optimizer.applyGradients(variables.map(({ name, shape }) => ({ name, tensor: tf.ones(shape) })));
    const first = make();
    stepOf(first, of([[4, 3], [3]]));
    const given = await first.getWeights();
    for (const shapes of [[[3, 4], [3]], [[4, 3]], [[4, 3], [3], [3]], [[3], [4, 3]], [[12], [3]]]) {
      const second = make();
      await second.setWeights(given);
      const variables = of(shapes);
      assertThrows(() => stepOf(second, variables), RangeError, "is that of other variables: it has 2");
      for (const variable of variables) assert(variable.dataSync().every((value) => value === 1));
      // Nothing is lost by that: with the right ones it goes on.
      const right = of([[4, 3], [3]]);
      stepOf(second, right);
      assertEquals(second.iterations, 2);
      tf.dispose([variables, right]);
    }
  });

  Deno.test(`${name}: weights that are not its own are refused`, async () => {
    const optimizer = make();
    const iter = { name: "iter", tensor: tf.scalar(1, "int32") };
    const other = { name: "w/m", tensor: tf.ones([2]) };
    await assertRejects(() => optimizer.setWeights([]), TypeError, "begins with `iter`");
    await assertRejects(() => optimizer.setWeights([other]), TypeError, "begins with `iter`");
    await assertRejects(
      () => optimizer.setWeights([iter, other]),
      RangeError,
      "Saved weight `w/m` is not of the form",
    );
    const negative = { name: "iter", tensor: tf.scalar(-1, "int32") };
    await assertRejects(
      () => optimizer.setWeights([negative]),
      RangeError,
      "`weights[0]` must be an integer",
    );
    assertEquals(optimizer.iterations, 0);
    // The state of another optimizer.
    await tf.setBackend("cpu");
    const foreign = (name === "FusedSgd" ? OPTIMIZERS.AdamW : OPTIMIZERS.FusedSgd).make();
    const w = tf.variable(tf.ones([4, 3]), true, `${name}${next++}/kernel`);
    const step = (one: tf.Optimizer) => one.applyGradients([{ name: w.name, tensor: tf.ones([4, 3]) }]);
    step(foreign);
    await optimizer.setWeights(await foreign.getWeights());
    const before = w.dataSync().slice();
    assertThrows(() => step(optimizer), RangeError, "another optimizer?");
    assertEquals(w.dataSync(), before);
    w.dispose();
  });

  Deno.test(`${name}: misspelt options are refused with the right name, wrong values with the name`, () => {
    for (const option of names) {
      const wrong = `${option.slice(0, -2)}${option.at(-1)}`;
      const error = assertThrows(() => make({ [wrong]: 1 }), TypeError, `has no option "${wrong}"`);
      assert(error.message.includes(`there are: `) && error.message.includes(option), error.message);
      for (const value of [null, "text", Symbol("x"), NaN]) {
        assertThrows(() => make({ [option]: value }), Error, `\`${option}`, `${option}: ${String(value)}`);
      }
      const required = option === "rank" || name === "FusedSgd" && option === "learningRate";
      if (required) assertThrows(() => make({ [option]: undefined }), TypeError, `\`${option}\` must be`);
      else make({ [option]: undefined });
    }
    assertThrows(() => make({ learningrate: 0.1 }), TypeError, '(did you mean "learningRate"?)');
    if (routes) {
      assertThrows(
        () => make({ others: { learningrate: 0.1 } }),
        TypeError,
        '`others` has no option "learningrate"',
      );
      assertThrows(() => make({ others: { beta1: 2 } }), RangeError, "`others.beta1`");
      assertThrows(() => make({ others: { learningRate: -1 } }), RangeError, "`others.learningRate`");
    }
  });

  Deno.test(`${name}: the configuration is plain, complete and a copy; functions are refused by their path`, () => {
    const optimizer = make();
    const config = optimizer.getConfig();
    assertEquals(JSON.parse(JSON.stringify(config)), config);
    const type = optimizer.constructor as unknown as tf.serialization.SerializableConstructor<tf.Optimizer>;
    const { fromConfig } = type as unknown as { fromConfig: (cls: unknown, config: unknown) => tf.Optimizer };
    // tfjs passes what it loads through with `customObjects` beside.
    assertEquals(fromConfig.call(type, type, { ...config, customObjects: {} }).getConfig(), config);
    config.learningRate = 17;
    assert(optimizer.getConfig().learningRate !== 17);
    if (schedules) {
      const scheduled = make({ learningRate: () => 0.1 });
      assertThrows(
        () => scheduled.getConfig(),
        TypeError,
        "`learningRate` is a function and cannot be saved",
      );
    }
    if (routes) {
      assertThrows(
        () => make({ others: { learningRate: () => 0.1 } }).getConfig(),
        TypeError,
        "`others.learningRate` is a function and cannot be saved",
      );
      assertThrows(() => make({ select: () => true }).getConfig(), TypeError, "`select` is a function");
    }
  });

  if (schedules) {
    Deno.test(`${name}: a schedule counts the optimizer's steps, also for a variable that joins and after loading`, async () => {
      await tf.setBackend("cpu");
      const seen: number[] = [];
      const learningRate = (step: number) => {
        seen.push(step);
        return 0.01;
      };
      // One kernel, then with a late one, in either place.
      const [early, late, later] = [0, 1, 2].map((i) =>
        tf.variable(tf.ones([4, 3]), true, `${name}${next++}/${i}/kernel`)
      );
      const step = (optimizer: tf.Optimizer, variables: tf.Variable[]) =>
        optimizer.applyGradients(variables.map(({ name }, i) => ({ name, tensor: tf.fill([4, 3], i + 1) })));
      const optimizer = make({ learningRate });
      step(optimizer, [early]);
      step(optimizer, [early]);
      step(optimizer, [early, late]);
      step(optimizer, [later, early, late]);
      assertEquals(seen, [0, 1, 2, 2, 3, 3, 3]);
      const resumed = make({ learningRate });
      await resumed.setWeights(await optimizer.getWeights());
      step(resumed, [later, early, late]);
      assertEquals(seen.slice(7), [4, 4, 4]);
      tf.dispose([early, late, later]);
    });

    Deno.test(`${name}: a schedule that fails refuses the step, for all variables`, async () => {
      await tf.setBackend("cpu");
      let rate = 0.01;
      const model = smallModel(make({ learningRate: () => rate }));
      await train(model, [0, 1]);
      const before = await everything(model);
      for (const wrong of [NaN, -1, Infinity]) {
        rate = wrong;
        await assertRejects(
          () => train(model, [2]),
          RangeError,
          "`learningRate (step 2)` must be a finite number",
        );
        assertEquals(await everything(model), before);
      }
      rate = 0.01;
      await train(model, [3, 4]);
      const straight = smallModel(make({ learningRate: () => rate }));
      await train(straight, [0, 1, 3, 4]);
      assertEquals(await everything(model), renamed(await everything(straight), model));
      model.dispose();
      straight.dispose();
    });
  }

  if (routes) {
    Deno.test(`${name}: a schedule does not reach the other parameters, and theirs not the matrices`, async () => {
      await tf.setBackend("cpu");
      const zero = () => 0;
      for (
        const [options, wanted] of [
          [{ learningRate: zero, weightDecay: 0 }, [false, true]],
          [{ others: { learningRate: zero } }, [true, false]],
          [{ learningRate: zero, others: { learningRate: zero } }, [false, false]],
        ] as const
      ) {
        const kernel = tf.variable(tf.ones([4, 3]), true, `${name}${next++}/kernel`);
        const bias = tf.variable(tf.ones([3]), true, `${name}${next++}/bias`);
        make(options).applyGradients(
          [kernel, bias].map(({ name, shape, size }) => ({
            name,
            tensor: tf.tensor(Float32Array.from({ length: size }, (_, i) => Math.sin(i + 1)), shape),
          })),
        );
        const moved = [kernel, bias].map((variable) => variable.dataSync().some((value) => value !== 1));
        assertEquals(moved, [...wanted]);
        tf.dispose([kernel, bias]);
      }
    });
  }
}

for (
  const [what, backend, env] of [
    ["cpu", "cpu", {}],
    ["native", "native", {}],
    ["native on portable products", "native", { REFIGURE_BLAS: "portable" }],
  ] as const
) {
  Deno.test(`every optimizer goes on exactly in a new process (${what})`, async () => {
    const folder = await Deno.makeTempDir();
    try {
      for (const mode of ["save", "resume"]) {
        const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
          args: ["run", "-A", "--no-check", "test/optimizers/resume_child.ts", mode, folder, backend],
          cwd: root,
          env: { NO_COLOR: "1", ...env },
        }).output();
        const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
        assertEquals(code, 0, text(stderr));
        const said = JSON.parse(text(stdout).trim().split("\n").at(-1)!);
        assertEquals(said, { optimizers: rows.length, wrong: [] }, `${mode} differs`);
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}
