"""PyTorch on the CPU, one thread: the protocol of protocol.ts."""

import json
import os
import resource
import struct
import sys
import time

os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["OMP_NUM_THREADS"] = "1"
os.environ["MKL_NUM_THREADS"] = "1"

import ctypes  # noqa: E402

import numpy as np  # noqa: E402
import torch  # noqa: E402

torch.set_num_threads(1)
LOSSES, LEARNING_RATE, EPSILON = 4, 1e-3, 1e-8
TYPES = {"F32": np.float32, "I32": np.int32}


def read_tensors(file):
    with open(file, "rb") as stream:
        data = stream.read()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    tensors = {}
    for name, entry in header.items():
        start, end = entry["data_offsets"]
        values = np.frombuffer(data[8 + length + start : 8 + length + end], TYPES[entry["dtype"]])
        tensors[name] = torch.from_numpy(values.reshape(entry["shape"]).copy())
    return tensors


def set_lstm(lstm, tensors, layers):
    with torch.no_grad():
        for i in range(layers):
            getattr(lstm, f"weight_ih_l{i}").copy_(tensors[f"lstm{i}.weight_ih"])
            getattr(lstm, f"weight_hh_l{i}").copy_(tensors[f"lstm{i}.weight_hh"])
            getattr(lstm, f"bias_ih_l{i}").copy_(tensors[f"lstm{i}.bias"])
            getattr(lstm, f"bias_hh_l{i}").zero_()


class Forward:
    """Time first, PyTorch's own layout."""

    def __init__(self, work, tensors):
        self.lstm = torch.nn.LSTM(work["I"], work["H"]).eval()
        set_lstm(self.lstm, tensors, 1)
        self.x = tensors["x"].transpose(0, 1).contiguous()

    def run(self):
        with torch.inference_mode():
            return self.lstm(self.x)

    def outputs(self):
        return self.run()[0].transpose(0, 1)


class Step:
    def __init__(self, work, tensors):
        self.lstm = torch.nn.LSTM(work["I"], work["H"]).eval()
        set_lstm(self.lstm, tensors, 1)
        self.x = [tensors["x"][:, t].reshape(1, 1, -1).contiguous() for t in range(work["T"])]
        self.reset()

    def reset(self):
        zeros = torch.zeros(1, 1, self.lstm.hidden_size)
        self.state, self.t = (zeros, zeros), 0

    def run(self):
        with torch.inference_mode():
            output, self.state = self.lstm(self.x[self.t % len(self.x)], self.state)
        self.t += 1
        return output

    def outputs(self):
        self.reset()
        return torch.cat([self.run() for _ in self.x]).transpose(0, 1)


class Train:
    def __init__(self, work, tensors):
        self.is_text = work["kind"] == "characters"
        features, hidden = work["I"], work["H"]
        self.lstm = torch.nn.LSTM(features, hidden, num_layers=2)
        set_lstm(self.lstm, tensors, 2)
        # One bias is trained, as in the other libraries: the second stays zero.
        for i in range(2):
            getattr(self.lstm, f"bias_hh_l{i}").requires_grad_(False)
        self.dense = torch.nn.Linear(hidden, work["V"] if self.is_text else 1)
        with torch.no_grad():
            self.dense.weight.copy_(tensors["dense.weight"])
            self.dense.bias.copy_(tensors["dense.bias"])
        self.x = tensors["x"].transpose(0, 1).contiguous()
        self.y = tensors["y"]
        layers = [self.lstm, self.dense]
        if self.is_text:
            self.embedding = torch.nn.Embedding.from_pretrained(tensors["embedding.weight"], freeze=False)
            self.x, self.y = self.x.long(), self.y.transpose(0, 1).contiguous().long().flatten()
            layers.append(self.embedding)
        weights = [weight for layer in layers for weight in layer.parameters() if weight.requires_grad]
        self.adam = torch.optim.Adam(weights, lr=LEARNING_RATE, eps=EPSILON)

    def run(self):
        self.adam.zero_grad(set_to_none=True)
        if self.is_text:
            logits = self.dense(self.lstm(self.embedding(self.x))[0])
            loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), self.y)
        else:
            loss = torch.nn.functional.mse_loss(self.dense(self.lstm(self.x)[0][-1]), self.y)
        loss.backward()
        self.adam.step()
        return loss


def prepare(request):
    work = request["work"]
    tensors = read_tensors(os.path.join(request["folder"], "data.safetensors"))
    task = {"forward": Forward, "step": Step}.get(work["kind"], Train)(work, tensors)
    libraries, warning = blas()
    answer = {"about": f"PyTorch {torch.__version__}, {libraries}"}
    if warning is not None:
        answer["warning"] = warning
    if hasattr(task, "outputs"):
        difference = (task.outputs().reshape(-1) - tensors["expected"].reshape(-1)).abs().max().item()
        return task, {**answer, "difference": difference if difference == difference else 1e300}
    losses = []
    while len(losses) < LOSSES:
        start = time.perf_counter()
        losses.append(task.run().item())
        ms = (time.perf_counter() - start) * 1000
        if ms > request["limitMs"]:
            return task, {**answer, "losses": losses, "tooSlowMs": ms}
    return task, {**answer, "losses": losses}


def blas():
    """The matrix libraries in this process, and a warning when products go to the reference BLAS, some 15 times slower."""
    torch.ones(64, 64) @ torch.ones(64, 64)
    with open("/proc/self/maps") as maps:
        files = {line.split()[-1] for line in maps if "/" in line}
    names = {os.path.basename(os.path.realpath(file)): file for file in files}
    openblas = next((name for name in names if "openblas" in os.path.realpath(names[name])), None)
    if openblas is not None:
        library = ctypes.CDLL(names[openblas])
        find = lambda symbol: next((getattr(library, s) for s in (symbol, symbol + "64_") if hasattr(library, s)), None)
        parts = ["OpenBLAS"]
        for symbol in ("openblas_get_config", "openblas_get_corename"):
            function = find(symbol)
            if function is not None:
                function.restype = ctypes.c_char_p
                text = function().decode()
                parts.append(text.split()[1] if symbol.endswith("config") else text)
        return " ".join(parts), None
    if torch.backends.mkl.is_available():
        return "MKL", None
    other = next((name for name in names if "blas" in name), "unknown BLAS")
    return other, f"PyTorch multiplies with {other}, which is not OpenBLAS or MKL: install libopenblas0-pthread."


def run(task, ms):
    """A call that is short beside the cycle is made once before it."""
    if getattr(task, "last_ms", ms) < ms / 10:
        task.run()
    cpu = time.process_time()
    start = now = time.perf_counter()
    calls, seconds = 0, ms / 1000
    while calls == 0 or now - start < seconds:
        count = max(1, int(calls / (now - start) / 1000)) if calls else 1
        for _ in range(count):
            task.run()
        calls += count
        now = time.perf_counter()
    task.last_ms = (now - start) * 1000 / calls
    return {"calls": calls, "ms": (now - start) * 1000, "cpuMs": (time.process_time() - cpu) * 1000}


def main():
    task = None
    with os.fdopen(3, "w") as replies:
        for line in sys.stdin:
            request = json.loads(line)
            try:
                if request["command"] == "prepare":
                    task, answer = prepare(request)
                elif request["command"] == "run":
                    answer = run(task, request["ms"])
                else:
                    usage = resource.getrusage(resource.RUSAGE_SELF)
                    answer = {"maxRssBytes": usage.ru_maxrss * 1024}
            except Exception as error:  # told to the parent, which goes on with the others
                answer = {"cannot": f"{type(error).__name__}: {error}"}
            replies.write(json.dumps(answer) + "\n")
            replies.flush()


main()
