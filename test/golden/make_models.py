"""Writes torch-models.json: stacks of recurrent layers with all gradients, and whole models trained for ten steps.

Run it from the repository's root:

    apt-get install python3-torch
    python3 test/golden/make_models.py

Everything is computed in float64 from multiples of 2^-10, so a float32 implementation starts from the same numbers.
"""

import torch
from make_torch import normal, put_on_grid, record, records, write
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

# class, I, H, B, T and what makes the case special.
STACKS = [
    (nn.LSTM, (3, 4, 4, 5), {"num_layers": 2, "lengths": [2, 5, 1, 4]}),
    (nn.LSTM, (5, 3, 3, 4), {"num_layers": 3, "bias": False}),
    (nn.LSTM, (2, 5, 5, 6), {"num_layers": 3, "lengths": [6, 1, 3, 3, 6]}),
    (nn.RNN, (3, 4, 4, 5), {"num_layers": 2, "lengths": [1, 5, 5, 2], "nonlinearity": "tanh"}),
    (nn.RNN, (4, 5, 3, 6), {"num_layers": 3, "lengths": [3, 6, 2], "nonlinearity": "relu"}),
]
STEPS = 10


def stack_case(seed, kind, sizes, special):
    torch.manual_seed(seed)
    features, hidden, batch, steps = sizes
    lengths = special.pop("lengths", [steps] * batch)
    layer = put_on_grid(kind(features, hidden, batch_first=True, **special))
    states = ["h0", "c0"] if kind is nn.LSTM else ["h0"]
    inputs = {"x": normal(batch, steps, features)}
    inputs.update({name: normal(layer.num_layers, batch, hidden) for name in states})
    for tensor in inputs.values():
        tensor.requires_grad_(True)
    packed = pack_padded_sequence(inputs["x"], torch.tensor(lengths), True, enforce_sorted=False)
    initial = tuple(inputs[name] for name in states) if len(states) == 2 else inputs["h0"]
    y, finals = layer(packed, initial)
    y, _ = pad_packed_sequence(y, True, total_length=steps)
    outputs = {"y": y, "hn": finals[0], "cn": finals[1]} if len(states) == 2 else {"y": y, "hn": finals}
    weights = {name: normal(*tensor.shape) for name, tensor in outputs.items()}
    sum((tensor * weights[name]).sum() for name, tensor in outputs.items()).backward()
    params = dict(layer.named_parameters())
    return {
        "name": f"{kind.__name__} {sizes} {special} lengths {lengths}",
        "kind": kind.__name__,
        "config": {"input_size": features, "hidden_size": hidden, **special},
        "batch": batch,
        "steps": steps,
        "lengths": lengths,
        "params": records(params),
        "inputs": records(inputs),
        "outputs": records(outputs),
        "loss_weights": records(weights),
        "grads": records({name: tensor.grad for name, tensor in {**inputs, **params}.items()}),
    }


class Tagger(nn.Module):
    """The class of each token; tokens after a row's end and those of class -100 do not count."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(9, 5)
        self.lstm = nn.LSTM(5, 6, 2, batch_first=True)
        self.linear = nn.Linear(6, 4)
        self.lengths = torch.tensor([3, 7, 1, 5, 7])
        self.x = torch.randint(0, 9, (5, 7))
        self.y = torch.randint(0, 4, (5, 7))
        self.y[torch.rand(5, 7) < 0.3] = -100
        self.y[1, 0] = 2
        self.y[torch.arange(7)[None, :] >= self.lengths[:, None]] = -100

    def inputs(self):
        return {"x": self.x.double(), "lengths": self.lengths.double(), "y": self.y.double()}

    def loss(self):
        packed = pack_padded_sequence(self.embedding(self.x), self.lengths, True, enforce_sorted=False)
        states, _ = pad_packed_sequence(self.lstm(packed)[0], True, total_length=7)
        return nn.functional.cross_entropy(self.linear(states).flatten(0, 1), self.y.flatten(), ignore_index=-100)


class Siamese(nn.Module):
    """How like two sequences are, of different lengths, read by one LSTM."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(3, 5, batch_first=True)
        self.linear = nn.Linear(5, 2)
        self.a, self.b, self.y = normal(4, 6, 3), normal(4, 3, 3), normal(4, 2)

    def inputs(self):
        return {"a": self.a, "b": self.b, "y": self.y}

    def loss(self):
        hidden = [self.lstm(sequence)[1][0][0] for sequence in (self.a, self.b)]
        return nn.functional.mse_loss(self.linear(hidden[0] * hidden[1]), self.y)


class Normalised(nn.Module):
    """Layer normalisation before and after an LSTM, and its input once more beside it."""

    def __init__(self):
        super().__init__()
        self.before, self.after = nn.LayerNorm(4), nn.LayerNorm(7)
        self.lstm = nn.LSTM(4, 7, batch_first=True)
        self.hidden, self.linear = nn.Linear(11, 6), nn.Linear(6, 2)
        self.x, self.y = 3 * normal(3, 5, 4) + 1, normal(3, 5, 2)

    def inputs(self):
        return {"x": self.x, "y": self.y}

    def loss(self):
        x = self.before(self.x)
        joined = torch.cat([self.after(self.lstm(x)[0]), x], -1)
        return nn.functional.mse_loss(self.linear(torch.tanh(self.hidden(joined))), self.y)


TRAINED = [
    (Tagger, torch.optim.Adam, {"lr": 3e-2}, 0.1),
    (Siamese, torch.optim.SGD, {"lr": 5e-2, "momentum": 0.9}, None),
    (Normalised, torch.optim.AdamW, {"lr": 1e-2, "weight_decay": 0.1}, 0.6),
]


def trained_case(seed, kind, optimizer, config, clip_norm):
    torch.manual_seed(seed)
    model = put_on_grid(kind())
    params = dict(model.named_parameters())
    case = {
        "name": kind.__name__,
        "optimizer": {"name": optimizer.__name__, "config": config, "clip_norm": clip_norm},
        "params": records(params),
        "inputs": records(model.inputs()),
        "losses": [],
        "gradient_norms": [],
    }
    updates = optimizer(model.parameters(), **config)
    for _ in range(STEPS):
        updates.zero_grad()
        loss = model.loss()
        loss.backward()
        norm = nn.utils.clip_grad_norm_(model.parameters(), clip_norm or float("inf"))
        case["losses"].append(loss.item())
        case["gradient_norms"].append(norm.item())
        updates.step()
    case["final"] = records(params)
    return case


if __name__ == "__main__":
    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(1)
    stacks = [stack_case(500 + n, kind, sizes, dict(special)) for n, (kind, sizes, special) in enumerate(STACKS)]
    trained = [trained_case(600 + n, *case) for n, case in enumerate(TRAINED)]
    content = {"generator": "make_models.py", "cases": stacks, "trained": trained}
    write("torch-models.json", "the loss of a stack is the sum of outputs * loss_weights", content)
