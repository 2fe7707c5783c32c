"""Writes the PyTorch goldens of this folder: torch-lstm-more.json, torch-stacked.json, torch-optim.json.

Run it from the repository's root:

    apt-get install python3-torch
    python3 test/golden/make_torch.py

Everything is computed in float64. Parameters and inputs are multiples of 2^-10, so a float32 implementation
starts from exactly the same numbers. The other files of this folder are not touched; README.md says where
they come from.
"""

import json
from pathlib import Path

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

FOLDER = Path(__file__).parent
LARGEST_FINAL_TENSOR = 2000

# (I, H, B, T) and what makes the case special. Between them they hold every size the kernels treat differently:
# 1, below, at and above the widths 4, 8, 16 and 32.
LSTM_CASES = [
    ((1, 1, 1, 1), {}),
    ((1, 2, 2, 2), {"bias": False}),
    ((2, 1, 3, 6), {"states": True}),
    ((3, 4, 5, 6), {"lengths": [3, 6, 1, 6, 3]}),
    ((4, 4, 7, 2), {}),
    ((5, 3, 6, 11), {"lengths": [11, 4, 4, 1, 7, 11], "states": True}),
    ((7, 8, 9, 6), {"lengths": [2, 6, 5, 5, 1, 3, 6, 1, 4], "bias": False}),
    ((8, 7, 2, 11), {"states": True}),
    ((13, 5, 3, 6), {"batch_first": True}),
    ((16, 16, 5, 2), {"states": True}),
    ((17, 13, 6, 2), {"lengths": [1, 2, 2, 1, 2, 1], "states": True, "bias": False}),
    ((20, 17, 2, 2), {}),
    ((33, 2, 1, 2), {"states": True}),
    ((2, 33, 3, 2), {"lengths": [1, 2, 1]}),
    ((13, 20, 7, 6), {"lengths": [4, 6, 1, 6, 2, 4, 5], "states": True, "batch_first": True}),
    ((1, 16, 9, 11), {"lengths": [9, 11, 1, 4, 10, 4, 2, 11, 7]}),
    ((20, 2, 1, 11), {"states": True, "bias": False}),
    ((33, 7, 9, 1), {"states": True}),
    ((2, 3, 3, 6), {"bidirectional": True, "lengths": [2, 6, 1], "states": True}),
    ((5, 4, 6, 11), {"bidirectional": True, "lengths": [5, 11, 1, 5, 8, 2], "bias": False, "batch_first": True}),
    ((4, 5, 2, 2), {"bidirectional": True}),
    ((7, 13, 5, 6), {"bidirectional": True, "lengths": [6, 3, 3, 1, 6], "states": True, "batch_first": True}),
    ((8, 1, 7, 1), {"bidirectional": True, "states": True}),
]

# I, H, B, T, outputs; the head sees every step or the last one. Targets of mean squared error are shifted so far
# that the gradient's norm starts above 1 and clipping to 1 does something.
STACKED_CASES = [
    {"name": "every step, mean squared error", "sizes": (3, 5, 5, 7, 2), "head": "every_step", "loss": "mse"},
    {"name": "last step, mean squared error", "sizes": (1, 50, 16, 9, 1), "head": "last_step", "loss": "mse"},
    {"name": "last step, cross entropy", "sizes": (5, 7, 9, 6, 6), "head": "last_step", "loss": "cross_entropy"},
]

STACKED_OPTIMIZERS = [
    {"name": "Adam", "config": {"lr": 1e-2}, "clip_norm": None},
    {"name": "Adam", "config": {"lr": 1e-2}, "clip_norm": 1.0},
    {"name": "AdamW", "config": {"lr": 1e-2}, "clip_norm": None},
    {"name": "SGD", "config": {"lr": 5e-2, "momentum": 0.9}, "clip_norm": None},
    {"name": "SGD", "config": {"lr": 5e-2, "momentum": 0.9, "nesterov": True}, "clip_norm": None},
]

VECTOR_OPTIMIZERS = [
    {"name": "SGD", "config": {"lr": 0.1}},
    {"name": "SGD", "config": {"lr": 0.1, "momentum": 0.9}},
    {"name": "SGD", "config": {"lr": 0.1, "momentum": 0.9, "nesterov": True}},
    {"name": "Adam", "config": {"lr": 1e-2}},
    {"name": "Adam", "config": {"lr": 1e-2, "betas": [0.8, 0.95]}},
    {"name": "AdamW", "config": {"lr": 1e-2}},
    {"name": "AdamW", "config": {"lr": 1e-2, "weight_decay": 0.3}},
    {"name": "SGD", "config": {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.3}},
    {"name": "Adam", "config": {"lr": 1e-2, "amsgrad": True}},
    {"name": "Adam", "config": {"lr": 1e-2, "weight_decay": 0.3}},
    {"name": "AdamW", "config": {"lr": 1e-2, "amsgrad": True}},
    {"name": "RMSprop", "config": {"lr": 1e-2}},
    {"name": "RMSprop", "config": {"lr": 1e-2, "alpha": 0.9, "momentum": 0.8}},
    {"name": "RMSprop", "config": {"lr": 1e-2, "momentum": 0.9, "centered": True}},
    {"name": "RMSprop", "config": {"lr": 1e-2, "weight_decay": 0.3}},
    {"name": "Adagrad", "config": {"lr": 1e-2}},
    {"name": "Adagrad", "config": {"lr": 1e-2, "initial_accumulator_value": 0.1, "lr_decay": 0.1}},
    {"name": "Adagrad", "config": {"lr": 1e-2, "weight_decay": 0.3}},
    {"name": "Adadelta", "config": {"lr": 1.0}},
    {"name": "Adadelta", "config": {"lr": 1.0, "rho": 0.95, "weight_decay": 0.3}},
    {"name": "NAdam", "config": {"lr": 2e-3}},
    {"name": "NAdam", "config": {"lr": 1e-2, "betas": [0.8, 0.95], "momentum_decay": 0.1, "weight_decay": 0.3}},
    {"name": "RAdam", "config": {"lr": 1e-2}},
    {"name": "RAdam", "config": {"lr": 1e-2, "betas": [0.8, 0.95], "weight_decay": 0.3}},
    {"name": "Adamax", "config": {"lr": 2e-3}},
    {"name": "Adamax", "config": {"lr": 1e-2, "betas": [0.8, 0.95], "weight_decay": 0.3}},
]


def on_grid(values):
    return torch.round(values * 1024) / 1024


def normal(*shape):
    return on_grid(torch.randn(*shape))


def put_on_grid(module):
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(on_grid(parameter))
    return module


def record(tensor):
    return {"shape": list(tensor.shape), "data": tensor.detach().reshape(-1).tolist()}


def records(tensors):
    return {name: record(tensor) for name, tensor in tensors.items()}


def lstm_case(seed, sizes, special):
    torch.manual_seed(seed)
    features, hidden_size, batch, steps = sizes
    lengths = special.get("lengths")
    config = {"input_size": features, "hidden_size": hidden_size}
    config.update({key: special[key] for key in ("bias", "bidirectional", "batch_first") if key in special})
    layer = put_on_grid(nn.LSTM(**config))
    batch_first = layer.batch_first
    directions = 2 if layer.bidirectional else 1

    inputs = {"x": normal(*((batch, steps) if batch_first else (steps, batch)), features)}
    if special.get("states"):
        inputs["h0"] = normal(directions, batch, hidden_size)
        inputs["c0"] = normal(directions, batch, hidden_size)
    for tensor in inputs.values():
        tensor.requires_grad_(True)
    states = (inputs["h0"], inputs["c0"]) if special.get("states") else None

    if lengths:
        packed = pack_padded_sequence(inputs["x"], torch.tensor(lengths), batch_first, enforce_sorted=False)
        y, (hn, cn) = layer(packed, states)
        y, _ = pad_packed_sequence(y, batch_first, total_length=steps)
    else:
        y, (hn, cn) = layer(inputs["x"], states)
    outputs = {"y": y, "hn": hn, "cn": cn}
    loss_weights = {name: normal(*tensor.shape) for name, tensor in outputs.items()}
    loss = sum((outputs[name] * loss_weights[name]).sum() for name in outputs)
    loss.backward()

    params = dict(layer.named_parameters())
    flags = [key for key in ("bidirectional", "batch_first", "states", "lengths") if special.get(key)]
    flags += ["no bias"] if special.get("bias") is False else []
    return {
        "name": " ".join([f"LSTM I={features} H={hidden_size} B={batch} T={steps}"] + flags),
        "kind": "LSTM",
        "config": config,
        "batch": batch,
        "steps": steps,
        "lengths": lengths,
        "params": records(params),
        "inputs": records(inputs),
        "outputs": records(outputs),
        "loss_weights": records(loss_weights),
        "loss": loss.item(),
        "grads": {name: record(tensor.grad) for name, tensor in {**inputs, **params}.items()},
    }


class Stacked(nn.Module):
    """Two LSTM layers and a linear head."""

    def __init__(self, case):
        super().__init__()
        features, hidden_size, _, _, outputs = case["sizes"]
        self.head = case["head"]
        self.lstm = nn.LSTM(features, hidden_size, num_layers=2, batch_first=True)
        self.linear = nn.Linear(hidden_size, outputs)

    def forward(self, x):
        states, _ = self.lstm(x)
        return self.linear(states if self.head == "every_step" else states[:, -1])


def train(case, initial, x, target, optimizer, steps):
    model = Stacked(case)
    model.load_state_dict(initial)
    update = getattr(torch.optim, optimizer["name"])(model.parameters(), **optimizer["config"])
    criterion = nn.MSELoss() if case["loss"] == "mse" else nn.CrossEntropyLoss()
    losses, norms = [], []
    for _ in range(steps):
        update.zero_grad()
        loss = criterion(model(x), target)
        loss.backward()
        largest = float("inf") if optimizer["clip_norm"] is None else optimizer["clip_norm"]
        norms.append(nn.utils.clip_grad_norm_(model.parameters(), largest).item())
        losses.append(loss.item())
        update.step()
    final = {name: tensor for name, tensor in model.state_dict().items() if tensor.numel() <= LARGEST_FINAL_TENSOR}
    return {**optimizer, "losses": losses, "gradient_norms": norms, "final": records(final)}


def stacked_case(seed, case):
    torch.manual_seed(seed)
    features, hidden_size, batch, steps, outputs = case["sizes"]
    initial = {name: tensor.clone() for name, tensor in put_on_grid(Stacked(case)).state_dict().items()}
    x = normal(batch, steps, features)
    if case["loss"] == "mse":
        target = 2 + normal(*((batch, steps, outputs) if case["head"] == "every_step" else (batch, outputs)))
    else:
        target = torch.randint(outputs, (batch,))
    return {
        "name": case["name"],
        "config": {"input_size": features, "hidden_size": hidden_size, "num_layers": 2, "outputs": outputs},
        "batch": batch,
        "steps": steps,
        "head": case["head"],
        "loss": case["loss"],
        "params": records(initial),
        "inputs": {"x": record(x)},
        "target": record(target),
        "runs": [train(case, initial, x, target, optimizer, 12) for optimizer in STACKED_OPTIMIZERS],
    }


def optimizer_case(optimizer, initial, gradients):
    parameter = nn.Parameter(initial.clone())
    # PyTorch before 2.0 multiplies mu twice into mu_product_next, but not in the form for several tensors (pull 92699).
    form = {"foreach": True} if optimizer["name"] == "NAdam" else {}
    update = getattr(torch.optim, optimizer["name"])([parameter], **optimizer["config"], **form)
    trajectory = []
    for gradient in gradients:
        parameter.grad = gradient.clone()
        update.step()
        trajectory.append(parameter.detach().clone())
    return {**optimizer, "trajectory": record(torch.stack(trajectory))}


def optimizer_cases():
    """Gradients from 1e-4 to 1e2, where the place of epsilon shows; one element never gets any."""
    torch.manual_seed(300)
    initial = normal(37)
    gradients = torch.randn(10, 37) * torch.logspace(-4, 2, 37)
    gradients[:, 5] = 0
    return {
        "initial": record(initial),
        "gradients": record(gradients),
        "cases": [optimizer_case(optimizer, initial, gradients) for optimizer in VECTOR_OPTIMIZERS],
    }


def write(name, note, content):
    header = {"generator": "make_torch.py", "torch": torch.__version__, "dtype": "float64", "note": note}
    cases = content.pop("cases")
    head = json.dumps({**header, **content})[:-1]
    lines = ",\n".join(json.dumps(case) for case in cases)
    (FOLDER / name).write_text(f'{head}, "cases": [\n{lines}\n]}}\n')


def main():
    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(1)
    write(
        "torch-lstm-more.json",
        "loss=sum_k sum(outputs[k]*loss_weights[k]); grads w.r.t. inputs and params; "
        "x and y time-major unless batch_first; y zero-padded to steps when lengths given",
        {"cases": [lstm_case(100 + n, *case) for n, case in enumerate(LSTM_CASES)]},
    )
    write(
        "torch-stacked.json",
        "full-batch training, 12 steps; losses and gradient_norms before each update (norms before clipping); "
        f"final: parameters after the last update, tensors of at most {LARGEST_FINAL_TENSOR} elements; batch first",
        {"cases": [stacked_case(200 + n, case) for n, case in enumerate(STACKED_CASES)]},
    )
    write("torch-optim.json", "trajectory: parameters after each of ten updates", optimizer_cases())


if __name__ == "__main__":
    main()
