"""Predictions of model-v1.safetensors, read by safetensors' own reader into PyTorch's modules, into model-v1.json.

Run: pip install safetensors==0.8.0 torch; python make_model.py
"""

import json
import pathlib

import torch
from safetensors import safe_open
from torch import nn

HERE = pathlib.Path(__file__).parent
with safe_open(HERE / "model-v1.safetensors", framework="numpy") as file:
    config = json.loads(file.metadata()["gatefold"])
    tensors = {name: torch.tensor(file.get_tensor(name).tolist(), dtype=torch.float64) for name in file.keys()}


def load(module, layer):
    """A module whose state is that of a layer, names and shapes unchanged."""
    prefix = f"{layer}."
    state = {name[len(prefix) :]: tensor for name, tensor in tensors.items() if name.startswith(prefix)}
    module = module.double()
    module.load_state_dict(state, strict=True)
    return module


embedding = load(nn.Embedding(6, 3), "embedding")
lstm = load(nn.LSTMCell(3, 4), "lstm")
norm = load(nn.LayerNorm(4, eps=1e-5), "norm")
inside = load(nn.Linear(4, 3), "inside")
rnn = load(nn.RNNCell(3, 2), "rnn")
backwards = load(nn.LSTMCell(4, 2, bias=False), "backwards")
head = load(nn.Linear(4, 3), "head")

golden = json.loads((HERE / "model-v1.json").read_text())
ids = torch.tensor(golden["ids"])
batch = len(ids)
state = (torch.zeros(batch, 4).double(), torch.zeros(batch, 4).double())
steps = []
for step in ids.T:
    state = lstm(embedding(step), state)
    steps.append(norm(state[0]))
last = torch.zeros(batch, 2).double()
for step in steps:
    last = rnn(torch.relu(inside(step)), last)
reverse = (torch.zeros(batch, 2).double(), torch.zeros(batch, 2).double())
for step in reversed(steps):
    reverse = backwards(step, reverse)
golden["prediction"] = torch.softmax(head(torch.cat([last, reverse[0]], 1)), 1).tolist()
golden["tensors"] = {name: list(tensor.shape) for name, tensor in sorted(tensors.items())}
(HERE / "model-v1.json").write_text(json.dumps(golden) + "\n")
