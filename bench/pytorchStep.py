"""Time and memory of one plain LoRA training step of CLIP ViT-B/16 in PyTorch + transformers + peft, on the CPU or on a CUDA GPU.

    bench/venv.sh /tmp/venv
    /tmp/venv/bin/python bench/pytorchStep.py --classes 50,100,500,1000

The step: 32 images, all class prompts of 77 tokens encoded again, cross-entropy, gradients for LoRA alone (q, k, v of both encoders, r 2,
alpha 1, rslora, dropout 0.25), AdamW. Weights and inputs are random; the time does not depend on them. Every number of classes runs in a
process of its own, so that the peak memory is its own. Prints one JSON object a line.

PyTorch gets what serves it best on a CPU: scaled-dot-product attention without a mask, an allocator that keeps its pages between steps
(tcmalloc where it is installed: Debian's libtcmalloc-minimal4), no recomputation where memory suffices, and the faster of its two matrix libraries: as installed it multiplies float32 matrices with MKL,
which takes a slow path on processors that are not Intel's; `set_float32_matmul_precision("medium")` lets oneDNN do it, and on a processor
without bfloat16 tiles the arithmetic stays float32. --matmul auto tries that, keeps it only where the error is float32's, and says so.
Above --memory-gib, images go through in micro-batches (same gradient, no extra arithmetic), and
only if that is not enough, as few text blocks as needed are recomputed in the backward pass (`checkpointedTextLayers`).

With --device cuda everything goes through at once, the memory is PyTorch's own peak on the GPU, float32 products are float32 (no TF32, as
ours), and --precision float16 is automatic mixed precision with a gradient scaler.
"""

import argparse
import ctypes
import functools
import json
import os
import resource
import statistics
import subprocess
import sys
import time

import peft
import torch
import transformers
from torch.nn.functional import cross_entropy, normalize
from transformers import CLIPConfig, CLIPModel

TOKENS = 77
# Measured with tcmalloc: what is kept for the backward pass, in MiB, of one prompt in one text block and of one image; and the rest.
PROMPT_BLOCK_MIB = 3.0
IMAGE_MIB = 147
BASE_MIB = 1400
# glibc's heap grows to so many times of what is kept.
GLIBC_WASTE = 1.6
# Largest error of a float32 product with 3,072 terms over its largest value; bfloat16 would give 1e-3.
FLOAT32_ERROR = 1e-5
# As many prompts are encoded at a time: keeps temporary tensors small; nothing is computed twice.
PROMPTS_AT_A_TIME = 50
TCMALLOC = "libtcmalloc_minimal.so.4"
# glibc otherwise gives every large tensor back to the system and faults its pages in again; tcmalloc also wastes less.
GLIBC = {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": str(1 << 40)}


def vit_b_16() -> CLIPModel:
    config = CLIPConfig(
        text_config={"hidden_size": 512, "intermediate_size": 2048, "num_hidden_layers": 12, "num_attention_heads": 8},
        vision_config={"hidden_size": 768, "intermediate_size": 3072, "num_hidden_layers": 12, "num_attention_heads": 12,
                       "image_size": 224, "patch_size": 16},
        projection_dim=512,
        logit_scale_init_value=4.6052,
        attn_implementation="sdpa",
    )
    return CLIPModel(config)


def adapt(model: CLIPModel) -> peft.PeftModel:
    lora = peft.LoraConfig(r=2, lora_alpha=1, use_rslora=True, lora_dropout=0.25,
                           target_modules=["q_proj", "k_proj", "v_proj"])
    return peft.get_peft_model(model, lora).train()


def prompts(classes: int) -> torch.Tensor:
    """Token ids [classes, 77] as of "a photo of a <two tokens>.", padded with the end of text as CLIP's tokenizer does."""
    ids = torch.full((classes, TOKENS), 49407)
    ids[:, 0] = 49406
    ids[:, 1:8] = torch.randint(300, 40000, (classes, 7))
    return ids


def uses_tcmalloc() -> bool:
    return TCMALLOC in os.environ.get("LD_PRELOAD", "")


def plan(options: argparse.Namespace) -> tuple[int, int]:
    """Micro-batch of images and number of recomputed text blocks: the least intrusive that fit the memory."""
    budget = options.memory_gib * 1024 - BASE_MIB
    blocks = 12

    def need(micro: int, checkpointed: int) -> float:
        # A recomputed block keeps its input, about a twentieth.
        kept = blocks - checkpointed + 0.05 * checkpointed
        waste = 1 if uses_tcmalloc() else GLIBC_WASTE
        return waste * (micro * IMAGE_MIB + options.class_count * PROMPT_BLOCK_MIB * kept)

    if options.micro_batch:
        sizes = [options.micro_batch]
    else:
        sizes = [size for size in [options.batch // parts for parts in [1, 2, 4, 8]] if size > 0]
    for checkpointed in range(blocks + 1):
        for micro in sizes:
            if need(micro, checkpointed) <= budget:
                return micro, checkpointed
    raise SystemExit(f"{options.class_count} classes do not fit into {options.memory_gib} GiB")


def checkpoint_text_layers(model: CLIPModel, count: int) -> None:
    run = functools.partial(torch.utils.checkpoint.checkpoint, use_reentrant=False)
    for layer in model.text_model.encoder.layers[:count]:
        layer.gradient_checkpointing = True
        layer._gradient_checkpointing_func = run


def matmul_trial(precision: str) -> tuple[float, float]:
    """Seconds and relative error of two of ViT-B's matrix products at a setting of PyTorch."""
    torch.set_float32_matmul_precision(precision)
    generator = torch.Generator().manual_seed(2)
    worst, seconds = 0.0, 0.0
    for rows, inner, columns in [(3152, 768, 3072), (3152, 3072, 768)]:
        x, w = torch.randn(rows, inner, generator=generator), torch.randn(columns, inner, generator=generator)
        exact = x.double() @ w.double().T
        times = []
        for _ in range(5):
            started = time.perf_counter()
            product = torch.nn.functional.linear(x, w)
            times.append(time.perf_counter() - started)
        worst = max(worst, ((product - exact).abs().max() / exact.abs().max()).item())
        seconds += min(times)
    return seconds, worst


def choose_matmul(wanted: str) -> dict:
    """Sets PyTorch's matrix library; "auto" takes oneDNN where it is quicker and as exact as float32."""
    trials = {precision: matmul_trial(precision) for precision in (["highest", "medium"] if wanted == "auto" else [wanted])}
    exact = {precision: trial for precision, trial in trials.items() if trial[1] < FLOAT32_ERROR}
    if not exact:
        raise SystemExit(f"--matmul {wanted} is not float32 on this processor: relative error {trials[wanted][1]:.1e}")
    chosen = min(exact, key=lambda precision: exact[precision][0])
    torch.set_float32_matmul_precision(chosen)
    return {"setting": chosen, "relativeError": float(f"{exact[chosen][1]:.1e}")}


def gpu_step(model: CLIPModel, optimizer, scaler, images: torch.Tensor, labels: torch.Tensor, ids: torch.Tensor) -> float:
    with torch.autocast("cuda", torch.float16, enabled=scaler.is_enabled()):
        classes = normalize(model.get_text_features(ids).pooler_output, dim=-1)
        features = normalize(model.get_image_features(images).pooler_output, dim=-1)
        loss = cross_entropy(model.logit_scale.exp() * features @ classes.T, labels)
    scaler.scale(loss).backward()
    scaler.step(optimizer)
    scaler.update()
    optimizer.zero_grad(set_to_none=True)
    return loss.item()


def train_step(model: CLIPModel, optimizer, images: torch.Tensor, labels: torch.Tensor, ids: torch.Tensor, micro: int) -> float:
    encoded = [model.get_text_features(part).pooler_output for part in ids.split(PROMPTS_AT_A_TIME)]
    classes = normalize(torch.cat(encoded), dim=-1)
    del encoded
    # With several micro-batches the text's backward pass runs once, from the summed gradient of its embeddings.
    several = micro < len(images)
    shared = classes.detach().requires_grad_() if several else classes
    total = 0.0
    for pixels, targets in zip(images.split(micro), labels.split(micro)):
        features = normalize(model.get_image_features(pixels).pooler_output, dim=-1)
        logits = model.logit_scale.exp() * features @ shared.T
        loss = cross_entropy(logits, targets, reduction="sum") / len(images)
        loss.backward()
        total += loss.item()
    if several:
        classes.backward(shared.grad)
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    return total


def measure_on_gpu(options: argparse.Namespace) -> dict:
    torch.manual_seed(1)
    torch.set_float32_matmul_precision("highest")
    torch.backends.cudnn.allow_tf32 = False
    with torch.device("cuda"):
        adapted = adapt(vit_b_16())
        images = torch.randn(options.batch, 3, 224, 224)
        labels = torch.randint(0, options.class_count, (options.batch,))
    ids = prompts(options.class_count).cuda()
    adapted = adapted.cuda()
    optimizer = torch.optim.AdamW([p for p in adapted.parameters() if p.requires_grad], lr=2e-4, weight_decay=0.01)
    scaler = torch.amp.GradScaler("cuda", enabled=options.precision == "float16")
    seconds = []
    # Three to warm up: libraries choose their algorithms in the first steps.
    for _ in range(3 + options.steps):
        torch.cuda.synchronize()
        started = time.perf_counter()
        gpu_step(adapted.base_model.model, optimizer, scaler, images, labels, ids)
        torch.cuda.synchronize()
        seconds.append(time.perf_counter() - started)
    return {
        "classes": options.class_count,
        "seconds": round(statistics.median(seconds[3:]), 4),
        "peakMiB": round(torch.cuda.max_memory_reserved() / 2**20),
        "allSeconds": [round(value, 4) for value in seconds[3:]],
        "batch": options.batch,
        "precision": options.precision,
        "device": torch.cuda.get_device_name(),
        "versions": {"torch": torch.__version__, "transformers": transformers.__version__, "peft": peft.__version__},
    }


def measure(options: argparse.Namespace) -> dict:
    torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    matmul = choose_matmul(options.matmul)
    micro, checkpointed = plan(options)
    adapted = adapt(vit_b_16())
    model = adapted.base_model.model
    checkpoint_text_layers(model, checkpointed)
    parameters = [p for p in adapted.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=2e-4, weight_decay=0.01)
    images = torch.randn(options.batch, 3, 224, 224)
    labels = torch.randint(0, options.class_count, (options.batch,))
    ids = prompts(options.class_count)
    seconds = []
    for _ in range(options.warm_up + options.steps):
        started = time.perf_counter()
        train_step(model, optimizer, images, labels, ids, micro)
        seconds.append(time.perf_counter() - started)
    measured = seconds[options.warm_up :]
    return {
        "classes": options.class_count,
        "seconds": round(statistics.median(measured), 4),
        "peakMiB": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "allSeconds": [round(value, 4) for value in measured],
        "batch": options.batch,
        "microBatch": micro,
        "checkpointedTextLayers": checkpointed,
        "trainableParameters": sum(p.numel() for p in parameters),
        "threads": options.threads,
        "matmul": matmul,
        "allocator": "tcmalloc" if uses_tcmalloc() else "glibc",
        "versions": {"torch": torch.__version__, "transformers": transformers.__version__, "peft": peft.__version__},
    }


def allocator() -> dict[str, str]:
    """What to set for the child process, so that memory is kept between steps."""
    try:
        ctypes.CDLL(TCMALLOC)
    except OSError:
        return GLIBC
    return {"LD_PRELOAD": TCMALLOC, "TCMALLOC_LARGE_ALLOC_REPORT_THRESHOLD": str(1 << 40)}


def in_child(class_count: str) -> None:
    """Runs one number of classes in a process with the allocator's settings, which are read when a process starts."""
    environment = {**os.environ, **allocator(), "PYTHONWARNINGS": "ignore::FutureWarning"}
    command = [sys.executable, __file__, *sys.argv[1:], "--class-count", class_count]
    finished = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True)
    if finished.returncode != 0:
        raise SystemExit(f"the step with {class_count} classes failed (exit code {finished.returncode})")
    print(finished.stdout, end="", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--classes", default="50,100,500,1000", help="numbers of classes, separated by commas")
    parser.add_argument("--class-count", type=int, help="measure this one number in this process")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--warm-up", type=int, default=1)
    parser.add_argument("--steps", type=int, default=3, help="measured steps; the median is reported")
    physical = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / (1 << 30)
    parser.add_argument("--memory-gib", type=float, default=0.9 * physical,
                        help="what a step may take; default: nine tenths of the machine's memory")
    parser.add_argument("--micro-batch", type=int, help="images at a time; default: as many as fit")
    parser.add_argument("--matmul", choices=["auto", "highest", "medium"], default="auto",
                        help="float32_matmul_precision: highest as installed, medium for oneDNN")
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--precision", choices=["float32", "float16"], default="float32")
    options = parser.parse_args()
    if options.precision != "float32" and options.device == "cpu":
        raise SystemExit("--precision float16 needs --device cuda")
    if options.class_count:
        print(json.dumps(measure(options) if options.device == "cpu" else measure_on_gpu(options)))
        return
    for class_count in options.classes.split(","):
        in_child(class_count)


if __name__ == "__main__":
    main()
