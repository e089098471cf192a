# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the golden of tests/core/trainer/optimizers_test.cpp: what five steps of the optimizers of bitsandbytes and Transformers make
of a matrix and a bias. Run with a Python that has torch, transformers and bitsandbytes (its CPU code serves); it writes beside itself.

bitsandbytes' CPU code codes moments with a search that misses the nearest code now and then, and the least ones always (a share of
1e-8 becomes 5e-6); its CUDA code does not. Here the nearest code is taken instead, the rest of the step is its own.

The matrix has 5200 values: more than the 4096 below which bitsandbytes keeps float32 states, and no whole number of blocks of 256.
Its gradients differ by four powers of ten between rows, the first two rows have none.
"""
import json, pathlib

import bitsandbytes as bnb, bitsandbytes.backends.cpu.ops, torch, transformers
from safetensors.torch import save_file

HERE = pathlib.Path(__file__).parent


def nearest(moments, code, absmax_out, out_uint8, blocksize):
    flat = torch.nn.functional.pad(moments.flatten(), (0, -moments.numel() % blocksize)).view(-1, blocksize)
    absmax_out.copy_(flat.abs().amax(1))
    shares = torch.where(absmax_out[:, None] > 0, flat / absmax_out[:, None], 0.0).flatten()[: moments.numel()]
    out_uint8.copy_((shares[:, None] - code[None]).abs().argmin(1).view(out_uint8.shape))


bitsandbytes.backends.cpu.ops._quant_blockwise_fp32_direct = nearest

STEPS, RATE, DECAY, BETAS, EPSILON = 5, 2e-2, 0.1, (0.9, 0.98), 1e-8
torch.set_num_threads(1)
torch.manual_seed(11)

START = {"weight": torch.randn(40, 130), "bias": torch.randn(37)}
SIZES = 10 ** (-4 * torch.rand(40, 1))
SIZES[:2] = 0
GRADIENTS = [{"weight": SIZES * torch.randn(40, 130), "bias": torch.randn(37)} for _ in range(STEPS)]


def groups(weight, bias):
    return [{"params": [weight], "weight_decay": DECAY}, {"params": [bias], "weight_decay": 0.0}]


MAKE = {
    "adamw_8bit": lambda g: bnb.optim.AdamW8bit(g, lr=RATE, betas=BETAS, eps=EPSILON),
    "lion": lambda g: bnb.optim.Lion(g, lr=RATE, betas=BETAS),
    "adafactor": lambda g: transformers.Adafactor(g, lr=RATE, relative_step=False, scale_parameter=False, warmup_init=False),
}

result = {"start." + k: v for k, v in START.items()} | {f"gradient.{i}.{k}": v for i, g in enumerate(GRADIENTS) for k, v in g.items()}
for name, make in MAKE.items():
    values = {k: torch.nn.Parameter(v.clone()) for k, v in START.items()}
    optimizer = make(groups(**values))
    for gradients in GRADIENTS:
        for k, p in values.items():
            p.grad = gradients[k].clone()
        optimizer.step()
    result |= {f"{name}.{k}": p.detach() for k, p in values.items()}
    if name == "adamw_8bit":
        state = optimizer.state[values["weight"]]
        result |= {f"{name}.{k}": state[k].flatten() for k in ("state1", "state2", "absmax1", "absmax2")}
        result |= {f"{name}.{k}": state[k] for k in ("qmap1", "qmap2")}
save_file({k: result[k].contiguous() for k in sorted(result)}, str(HERE / "expected.safetensors"))
(HERE / "versions.json").write_text(json.dumps({"torch": torch.__version__, "transformers": transformers.__version__, "bitsandbytes": bnb.__version__}) + "\n")
