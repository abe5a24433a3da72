"""Serves exported files for as long as a script needs them: by the engine node or by llama-server."""
import contextlib
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request

FILES = "muse-mini.gguf", "muse-mini-mmproj.gguf"


@contextlib.contextmanager
def served(program, folder, slots=4, wait=120):
    """
    The address of a server of the files in `folder`, ended afterwards. `program` is a llama-server, or the engine node
    (`MuseWorkbench.EngineNode.dll` or the program beside it).
    """
    port = _free_port()
    model, projector = (os.path.join(folder, name) for name in FILES)
    command = _command(program, model, projector, port, slots)
    # Without a key the node listens on this machine only; the caller's own key is none of its business.
    environment = {k: v for k, v in os.environ.items() if not k.startswith("MUSE_NODE_")}
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
    try:
        address = f"http://127.0.0.1:{port}"
        _await(process, address, wait)
        yield address
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _command(program, model, projector, port, slots):
    if "EngineNode" in os.path.basename(program):
        run = ["dotnet", program] if program.endswith(".dll") else [program]
        return run + ["--urls", f"http://127.0.0.1:{port}", f"--Engine:Model={model}", f"--Engine:Projector={projector}"]
    return [program, "-m", model, "--mmproj", projector, "--host", "127.0.0.1", "--port", str(port), "-c", str(2048 * slots), "-np", str(slots),
            "--jinja", "--reasoning-format", "none"]


def _free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def _await(process, address, wait):
    until = time.monotonic() + wait
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args[0]} ended with code {process.returncode} before it was ready")
        try:
            with urllib.request.urlopen(address + "/health", timeout=5) as reply:
                if reply.status == 200:
                    return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            pass
        time.sleep(.2)
    raise RuntimeError(f"{process.args[0]} was not ready within {wait} s")
