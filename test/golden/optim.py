"""Reference values of the optimiser: torch.optim.AdamW in float32, CosineAnnealingLR and LookSAM's decomposition.

    python test/golden/optim.py

Writes optim.json beside itself.
"""

import json
import platform
from pathlib import Path

import numpy as np
import torch

COUNT, STEPS = 7, 10


def adamw() -> dict:
    generator = np.random.default_rng(1)
    start = generator.standard_normal(COUNT).astype(np.float32)
    gradients = (generator.standard_normal((STEPS, COUNT)) * 10.0 ** generator.integers(-4, 3, (STEPS, COUNT))).astype(np.float32)
    theta = torch.nn.Parameter(torch.from_numpy(start.copy()))
    optimizer = torch.optim.AdamW([theta], lr=1e-2, betas=(0.9, 0.99), eps=1e-8, weight_decay=0.1, foreach=False)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=STEPS, eta_min=1e-6)
    values, rates = [], []
    for gradient in gradients:
        rates.append(optimizer.param_groups[0]["lr"])
        theta.grad = torch.from_numpy(gradient.copy())
        optimizer.step()
        schedule.step()
        values.append(theta.detach().numpy().astype(float).tolist())
    return {"start": start.astype(float).tolist(), "gradients": gradients.astype(float).tolist(), "values": values, "rates": rates}


def look_sam() -> dict:
    generator = np.random.default_rng(2)
    g, sam, later = generator.standard_normal((3, COUNT))
    orthogonal = sam - np.dot(sam, g) / np.dot(g, g) * g
    reused = later + np.linalg.norm(later) / np.linalg.norm(g) * orthogonal
    return {"g": g.tolist(), "sam": sam.tolist(), "later": later.tolist(), "orthogonal": orthogonal.tolist(), "reused": reused.tolist()}


def clip_norm() -> dict:
    gradient = torch.tensor([3.0, -4.0, 12.0])
    theta = torch.nn.Parameter(torch.zeros(3))
    theta.grad = gradient.clone()
    torch.nn.utils.clip_grad_norm_([theta], 2.0)
    return {"gradient": gradient.tolist(), "limit": 2.0, "clipped": theta.grad.tolist()}


versions = {"python": platform.python_version(), "torch": torch.__version__, "numpy": np.__version__}
result = {"versions": versions, "adamw": adamw(), "lookSam": look_sam(), "clip": clip_norm()}
Path(__file__).with_name("optim.json").write_text(json.dumps(result, indent=1) + "\n")
