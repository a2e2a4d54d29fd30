"""A peer for bench/: reads one JSON request a line, writes one JSON line. Times code by the wall's clock or the processor's."""

import json
import sys
import time

scopes = {}


def forget_settings():
    """Takes back what the setup of another row has set for the whole process: rows run one after the other."""
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.set_grad_enabled(True)
        torch.set_default_dtype(torch.float32)


def answer(request):
    op, key = request["op"], request["id"]
    if op == "setup":
        scope = scopes[key] = {}
        forget_settings()
        exec(request["setup"], scope)
        scope["__run__"] = compile(request["run"], "<run>", "exec")
        return {}
    scope = scopes.get(key)
    if op == "time":
        run, n = scope["__run__"], request["repeat"]
        clock = time.process_time if request["processor"] else time.perf_counter
        start = clock()
        for _ in range(n):
            exec(run, scope)
        return {"ms": (clock() - start) * 1e3 / n}
    if op == "value":
        import numpy as np

        value = eval(request["value"], scope)
        if hasattr(value, "detach"):
            value = value.detach().numpy()
        value = np.asarray(value)
        if np.iscomplexobj(value):
            value = np.ascontiguousarray(value).view(value.real.dtype)
        return {"value": value.astype(float).ravel().tolist()}
    if op == "dispose":
        scopes.pop(key, None)
        return {}
    raise ValueError(op)


for line in sys.stdin:
    try:
        reply = answer(json.loads(line))
    except ModuleNotFoundError as error:
        reply = {"missing": error.name}
    except Exception as error:  # The benchmark reports it in its row.
        reply = {"error": f"{type(error).__name__}: {error}"}
    sys.stdout.write(json.dumps(reply) + "\n")
    sys.stdout.flush()
