"""`make cluster`: a Dask scheduler and workers on this machine, to try `reproduce --on dask://...`."""

import os
import signal
import sys
import threading
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tools"))

import bootstrap  # noqa: E402
from arguments import Parser  # noqa: E402


def main():
    parser = Parser()
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    parser.add_argument("--port", type=int, default=8786)
    parser.add_argument("--host", default="127.0.0.1")
    options = parser.parse_args()
    if options.help:
        print(bootstrap.help_text("cluster"), end="")
        return 0
    if options.workers < 1:
        print(f"--workers must be at least 1, got {options.workers}; see --help", file=sys.stderr)
        return 2
    bootstrap.cluster_packages()
    os.environ["REFIGURE_ROOT"] = str(ROOT)
    from distributed import LocalCluster

    try:
        cluster = LocalCluster(
            n_workers=options.workers,
            threads_per_worker=1,
            host=options.host,
            scheduler_port=options.port,
            dashboard_address=None,
        )
    except (OSError, RuntimeError) as error:
        print(f"refigure: no scheduler can be started at {options.host}:{options.port}: {error}", file=sys.stderr)
        return 1
    address = cluster.scheduler_address.replace("tcp://", "dask://")
    print(f"{options.workers} workers are ready. In another terminal:")
    print(f"  deno task reproduce ptd --preset quick --on {address}", flush=True)
    stop = threading.Event()
    for name in ("SIGINT", "SIGTERM"):
        signal.signal(getattr(signal, name), lambda *_: stop.set())
    stop.wait()
    cluster.close()
    return 0


if __name__ == "__main__":
    bootstrap.entry(main)
