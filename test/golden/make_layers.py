"""Writes torch-layers.json: PyTorch's layer normalisation and its gradients.

Run it from the repository's root:

    apt-get install python3-torch
    python3 test/golden/make_layers.py

Everything is computed in float64 from multiples of 2^-10, so a float32 implementation starts from the same numbers.
"""

import torch
from make_torch import normal, record, records, write
from torch import nn

# N, F, epsilon, the mean of x and its standard deviation.
LAYER_NORM_CASES = [
    (3, 1, 1e-5, 0, 1),
    (2, 4, 1e-3, 0, 1),
    (4, 5, 1e-5, 3, 2),
    (1, 16, 1e-5, 0, 0.125),
    (3, 17, 1e-3, -50, 1),
    (5, 33, 1e-5, 0, 100),
]


def layer_norm_case(seed, N, F, epsilon, mean, deviation):
    torch.manual_seed(seed)
    layer = nn.LayerNorm(F, eps=epsilon)
    x = torch.round((mean + deviation * torch.randn(N, F)) * 1024) / 1024
    x.requires_grad_(True)
    dy = normal(N, F)
    with torch.no_grad():
        layer.weight.copy_(normal(F))
        layer.bias.copy_(normal(F))
    y = layer(x)
    (y * dy).sum().backward()
    tensors = {"x": x, "dy": dy, "weight": layer.weight, "bias": layer.bias, "y": y}
    return {
        "name": f"LayerNorm N={N} F={F} eps={epsilon} mean={mean} deviation={deviation}",
        "epsilon": epsilon,
        "tensors": records(tensors),
        "grads": {"x": record(x.grad), "weight": record(layer.weight.grad), "bias": record(layer.bias.grad)},
    }


if __name__ == "__main__":
    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(1)
    cases = [layer_norm_case(400 + n, *case) for n, case in enumerate(LAYER_NORM_CASES)]
    write("torch-layers.json", "grads are those of sum(y * dy)", {"generator": "make_layers.py", "cases": cases})
