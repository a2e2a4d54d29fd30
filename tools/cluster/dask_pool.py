"""Runs trials on a Dask cluster, for `deno task reproduce --on dask://host:port`, which starts this.

    python tools/cluster/dask_pool.py tcp://host:port

Standard input has a request per line; its end means that nobody waits any more. Standard output has replies, one per
line (tools/cluster/messages.ts). On the machines of the workers REFIGURE_ROOT is a checkout of this project, whose
.venv/bin/deno is used unless REFIGURE_DENO names another.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time

PATIENCE = 10  # seconds to wait for a scheduler


def say(message):
    """Prints a reply."""
    text = message if isinstance(message, str) else json.dumps(message)
    with lock:
        sys.stdout.write(text.rstrip("\n") + "\n")
        sys.stdout.flush()


lock = threading.Lock()

try:
    import cloudpickle
    from distributed import Client, WorkerPlugin, get_worker
except ImportError as error:
    say({"kind": "lost", "message": f"the Python package {error.name} is missing: "
                                    "pip install -r requirements-dask.txt, or make cluster"})
    sys.exit(2)


class Trials(WorkerPlugin):
    """A Deno process for each thread of a worker. Each sees the end of its standard input when the worker dies."""

    name = "refigure"
    idempotent = True  # a second client finds the processes of the first

    def setup(self, worker):
        self.worker = worker
        self.servers = {}

    def teardown(self, worker):
        for server in self.servers.values():
            server.stdin.close()

    def server(self):
        thread = threading.get_ident()
        server = self.servers.get(thread)
        if server is None or server.poll() is not None:
            root = os.environ.get("REFIGURE_ROOT", os.getcwd())
            deno = os.environ.get("REFIGURE_DENO", os.path.join(root, ".venv", "bin", "deno"))
            command = [deno, "run", "-A", "--frozen", "--no-check", "tools/cluster/trial_server.ts"]
            server = subprocess.Popen(command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                      env=dict(os.environ, DENO_NO_UPDATE_CHECK="1", NO_COLOR="1"))
            self.servers[thread] = server
        return server

    def run(self, request, topic):
        """The last reply to a request; reports go to whoever listens to the topic."""
        ident = json.loads(request)["id"]
        try:
            server = self.server()
            server.stdin.write(request + "\n")
            server.stdin.flush()
            for reply in server.stdout:
                message = json.loads(reply)
                if message["kind"] == "report":
                    self.worker.log_event(topic, reply)
                elif message["kind"] == "refused":
                    return json.dumps(dict(message, message=f"worker {self.worker.address}: {message['message']}"))
                else:
                    return reply
            status = server.wait()
            return json.dumps({"id": ident, "kind": "error", "message":
                               f"the process that ran it on {self.worker.address} ended with status {status}: "
                               "it may have run out of memory"})
        except OSError as error:
            return json.dumps({"id": ident, "kind": "refused", "message": f"worker {self.worker.address}: {error}"})


def run_trial(request, topic):
    return get_worker().plugins["refigure"].run(request, topic)


def main(address):
    try:
        client = Client(address, timeout=f"{PATIENCE}s")
    except (OSError, ValueError, TimeoutError) as error:
        reason = str(error).splitlines()[0] if str(error) else "no answer"
        say({"kind": "lost", "message": f"there is no Dask scheduler at {address}: {reason}"})
        return 2
    client.register_plugin(Trials())
    topic = f"refigure-{client.id}"
    client.subscribe_topic(topic, lambda event: say(event[1]))
    futures = {}

    def finished(ident, future):
        futures.pop(ident, None)  # Dask forgets a result that nobody holds
        if future.status == "finished":
            say(future.result())
        elif future.status == "error":
            say({"id": ident, "kind": "error", "message": str(future.exception())})

    threading.Thread(target=watch, args=(client, address), daemon=True).start()
    for line in sys.stdin:
        request = json.loads(line)
        ident = request["id"]
        # The slug stands before the first dash of a run's own name: the dashboard has a bar for each paper.
        key = f"{request['slug']}-{client.id[-12:]}-{ident}"
        future = client.submit(run_trial, line.strip(), topic, key=key, pure=False)
        futures[ident] = future
        future.add_done_callback(lambda future, ident=ident: finished(ident, future))
    os._exit(0)  # the scheduler sees the closed connection and drops what waits


def watch(client, address):
    """Tells when nothing can run: there is no worker, or no scheduler any more."""
    start, told = time.monotonic(), False
    while True:
        time.sleep(1)
        try:
            workers = client.scheduler_info(n_workers=-1)["workers"]
        except (OSError, RuntimeError, KeyError, TypeError):
            workers = {}
        if client.status not in ("running", "connecting", "newly-created"):
            say({"kind": "lost", "message": f"the connection to {address} was lost"})
            os._exit(1)
        if workers:
            start, told = time.monotonic(), False
        elif not told and time.monotonic() - start > 5:
            told = True
            say({"kind": "notice", "message": f"waiting for workers: {address} has none"})


if __name__ == "__main__":
    # Workers have no module of this name: what they need travels with the task.
    cloudpickle.register_pickle_by_value(sys.modules["__main__"])
    # Ctrl-C reaches the whole process group; the program that started this decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: os._exit(143))
    sys.exit(main(sys.argv[1]))
