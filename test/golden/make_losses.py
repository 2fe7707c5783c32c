"""Writes torch-losses.json: losses that optim-loss.json lacks, with PyTorch's functions where it has them.

Run it from the repository's root:

    apt-get install python3-torch
    python3 test/golden/make_losses.py

Everything is computed in float64 from multiples of 2^-10, so a float32 implementation starts from the same numbers.
`loss` and `options` are the names of gatefold; a value is the mean over rows, times their weights where there are some.
"""

import torch
from make_torch import normal, on_grid, record, write
from torch.nn import functional

EPSILON = 1e-7
SIZES = [(1, 1), (3, 2), (7, 4), (4, 5), (2, 17)]

# Name, options, what predictions are.
CASES = [
    ("meanSquaredError", {}, "numbers"),
    ("meanAbsoluteError", {}, "numbers"),
    ("huber", {"delta": 0.75}, "numbers"),
    ("logCosh", {}, "numbers"),
    ("poisson", {}, "positive"),
    ("klDivergence", {}, "probabilities"),
    ("binaryCrossentropy", {"fromLogits": True, "labelSmoothing": 0.25}, "numbers"),
    ("binaryCrossentropy", {"fromLogits": True, "positiveWeight": 3}, "numbers"),
    ("binaryCrossentropy", {"labelSmoothing": 0.125, "positiveWeight": 0.5}, "probabilities"),
    ("categoricalCrossentropy", {"fromLogits": True, "labelSmoothing": 0.25, "classWeights": True}, "numbers"),
    ("categoricalCrossentropy", {"labelSmoothing": 0.25, "classWeights": True}, "positive"),
    ("sparseCategoricalCrossentropy", {"fromLogits": True, "classWeights": True, "ignoreIndex": -100}, "numbers"),
    ("sparseCategoricalCrossentropy", {"fromLogits": True, "labelSmoothing": 0.25, "classWeights": True}, "numbers"),
    ("sparseCategoricalCrossentropy", {"labelSmoothing": 0.25, "ignoreIndex": 0}, "positive"),
]


def element_losses(loss, options, y, t):
    """[N, F] for losses that are means over elements."""
    if loss == "meanSquaredError":
        return functional.mse_loss(y, t, reduction="none")
    if loss == "meanAbsoluteError":
        return functional.l1_loss(y, t, reduction="none")
    if loss == "huber":
        return functional.huber_loss(y, t, reduction="none", delta=options["delta"])
    if loss == "logCosh":
        return torch.log(torch.cosh(y - t))
    if loss == "poisson":
        return functional.poisson_nll_loss(y, t, log_input=False, eps=EPSILON, reduction="none")
    smoothing = options.get("labelSmoothing", 0)
    t = t * (1 - smoothing) + smoothing / 2
    weight = options.get("positiveWeight", 1)
    if options.get("fromLogits"):
        weight = torch.full((y.shape[1],), float(weight))
        return functional.binary_cross_entropy_with_logits(y, t, pos_weight=weight, reduction="none")
    p = y.clamp(EPSILON, 1 - EPSILON)
    return -(weight * t * torch.log(p) + (1 - t) * torch.log(1 - p))


def row_losses(loss, options, y, t):
    """[N]: one loss a row."""
    if loss == "klDivergence":
        return functional.kl_div(y.clamp(EPSILON, 1).log(), t.clamp(EPSILON, 1), reduction="none").sum(1)
    if "ategorical" not in loss:
        return element_losses(loss, options, y, t).mean(1)
    if not options.get("fromLogits"):
        # log p as logits: their softmax is p again, as the clipped shares sum to 1 here.
        y = (y / y.sum(1, keepdim=True)).clamp(EPSILON, 1 - EPSILON).log()
        weights = torch.tensor(options.get("classWeights", [1.0] * y.shape[1]))
        smoothing = options.get("labelSmoothing", 0)
        ignored = torch.zeros(len(y), dtype=torch.bool)
        if loss.startswith("sparse"):
            ignored = t == options.get("ignoreIndex", -1)
            t = functional.one_hot(t.clamp(min=0), y.shape[1]).to(y.dtype)
        t = t * (1 - smoothing) + smoothing / y.shape[1]
        return -(weights * t * y).sum(1) * ~ignored
    return functional.cross_entropy(
        y,
        t,
        weight=torch.tensor(options["classWeights"]) if "classWeights" in options else None,
        ignore_index=options.get("ignoreIndex", -1),
        label_smoothing=options.get("labelSmoothing", 0),
        reduction="none",
    )


def divisor(loss, options, t, N):
    if not loss.startswith("sparse"):
        return N
    counted = [label for label in t.tolist() if label != options.get("ignoreIndex")]
    return sum(options["classWeights"][label] if "classWeights" in options else 1 for label in counted)


def draw(kind, N, F):
    if kind == "numbers":
        return 3 * normal(N, F)
    if kind == "positive":
        return on_grid(0.25 + 4 * torch.rand(N, F))
    # Some outside of what is clipped, none at the edge itself.
    return on_grid(torch.rand(N, F) * 1.25 - 0.125)


def target_of(loss, options, N, F):
    if loss.startswith("sparse"):
        labels = torch.randint(F, (N,))
        if options.get("ignoreIndex", 0) < 0 and N > 2:
            labels[1] = options["ignoreIndex"]
        return labels
    if loss == "binaryCrossentropy":
        return on_grid(torch.rand(N, F))
    if loss in ("klDivergence", "categoricalCrossentropy"):
        return on_grid(torch.softmax(normal(N, F), 1))
    if loss == "poisson":
        return torch.randint(6, (N, F)).double()
    return normal(N, F)


def loss_case(seed, N, F, loss, options, kind, weighted):
    torch.manual_seed(seed)
    options = dict(options)
    if "classWeights" in options:
        options["classWeights"] = on_grid(0.25 + 2 * torch.rand(F)).tolist()
    y = draw(kind, N, F).requires_grad_(True)
    t = target_of(loss, options, N, F)
    weights = on_grid(2 * torch.rand(N)) if weighted else torch.ones(N)
    total = divisor(loss, options, t, N)
    value = (weights * row_losses(loss, options, y, t)).sum() / (total if total > 0 else 1)
    value.backward()
    return {
        "loss": loss,
        "options": options,
        "N": N,
        "F": F,
        "prediction": record(y),
        "target": record(t),
        "weights": record(weights) if weighted else None,
        "value": value.item(),
        "gradient": record(y.grad),
    }


if __name__ == "__main__":
    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(1)
    cases = [
        loss_case(600 + 10 * n + m, N, F, *case, weighted=m % 2 == 1)
        for n, case in enumerate(CASES)
        for m, (N, F) in enumerate(SIZES)
    ]
    write("torch-losses.json", "value and gradient with respect to the prediction", {"generator": "make_losses.py", "cases": cases})
