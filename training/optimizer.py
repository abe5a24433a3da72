"""Muon for the decoder's matrices (momentum, then the nearest orthogonal matrix by Newton-Schulz steps), AdamW for the rest."""
import machine
import torch

COMPUTE = machine.fastest()


def _orthogonal(g, steps=5):
    """[n, r, c] matrices brought near to orthogonal ones, roughly: exactness doesn't matter here, singular values near 1 do."""
    a, b, c = 3.4445, -4.7750, 2.0315
    x = g.to(COMPUTE)
    tall = x.shape[1] > x.shape[2]
    x = x.transpose(1, 2) if tall else x
    x = x / (x.float().norm(dim=(1, 2), keepdim=True) + 1e-7).to(x.dtype)
    for _ in range(steps):
        s = x @ x.transpose(1, 2)
        x = a * x + (b * s + c * (s @ s)) @ x
    return (x.transpose(1, 2) if tall else x).to(g.dtype)


class Muon(torch.optim.Optimizer):
    def __init__(self, params, lr=.02, momentum=.95, weight_decay=.01):
        super().__init__(params, dict(lr=lr, momentum=momentum, weight_decay=weight_decay))

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            shapes = {}
            for p in group["params"]:
                if p.grad is not None:
                    state = self.state[p]
                    kept = state.setdefault("momentum", torch.zeros_like(p))
                    kept.lerp_(p.grad, 1 - group["momentum"])
                    shapes.setdefault(p.shape, []).append((p, p.grad.lerp(kept, group["momentum"])))
            for shape, members in shapes.items():      # equal shapes in one product
                update = _orthogonal(torch.stack([u for _, u in members]))
                scale = max(1.0, shape[0] / shape[1]) ** .5
                for (p, _), u in zip(members, update):
                    p.mul_(1 - group["lr"] * group["weight_decay"]).add_(u, alpha=-group["lr"] * scale)


def build(model, muon_lr, adam_lr):
    matrices = [p for p in model.blocks.parameters() if p.dim() == 2]
    chosen = {id(p) for p in matrices}
    rest = [p for p in model.parameters() if id(p) not in chosen]
    made = [Muon(matrices, lr=muon_lr), torch.optim.AdamW(rest, lr=adam_lr, betas=(.9, .98), weight_decay=.01)]
    for o in made:
        for g in o.param_groups:
            g["full_lr"] = g["lr"]
    return made
