# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the goldens of tests/core/peft/methods_conformance_test.cpp: for every method an adapter of random weights in the layout of PEFT,
the logits with it, and the losses of ten steps of a plain torch loop that start from it. Run with a Python that has torch, transformers
5.23, peft 0.21 and tokenizers; it writes beside itself. The bottleneck adapters are a second run with AdapterHub's `adapters` 1.2.0,
which wants transformers 4.51: `PYTHONPATH=<folder with these two> python make.py bottleneck`.

The loop: batches of four rows in file order, AdamW at a constant rate, no clipping, float32.
"""
import json, os, pathlib, sys, types

import torch, transformers
from safetensors.torch import load_file, save_file

os.chdir(pathlib.Path(__file__).parent)
HERE = pathlib.Path()
TINY = HERE / ".." / "training" / "model"   # no biases, tied head
BIASED = HERE / "biased"                    # biases everywhere, a head of its own
STEPS, BATCH, RATE = 10, 4, 2e-3
PROBE = [5, 17, 200, 33, 90, 41, 8, 120, 77, 5, 64, 31]
SHOWN = 1  # logits of the last positions
torch.set_num_threads(1)


def make_biased():
    torch.manual_seed(3)
    config = transformers.LlamaConfig(vocab_size=260, hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=2, num_key_value_heads=1,
                                      max_position_embeddings=256, tie_word_embeddings=False, attention_bias=True, mlp_bias=True, bos_token_id=1, eos_token_id=2,
                                      pad_token_id=0)
    model = transformers.LlamaForCausalLM(config)
    with torch.no_grad():
        for name, p in model.named_parameters():
            scale = 0.5 if "embed" in name else 0.3 if name.endswith("bias") else 1.2 / p.shape[-1] ** 0.5
            p.copy_(1 + 0.2 * torch.randn(p.shape) if "norm" in name else torch.randn(p.shape) * scale)
    model.save_pretrained(BIASED)
    (BIASED / "generation_config.json").unlink()


def base(folder):
    return transformers.AutoModelForCausalLM.from_pretrained(str(folder), torch_dtype=torch.float32, attn_implementation="eager").eval()


def rows():
    """Bytes as ids: the vocabulary of the tiny model is <pad> <s> </s> <unk> and the byte alphabet in order."""
    tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_file=str(TINY / "tokenizer.json"))
    for line in (TINY.parent / "rows.jsonl").read_text().splitlines()[: STEPS * BATCH]:
        row = json.loads(line)
        prompt, answer = (tokenizer(row[k], add_special_tokens=False).input_ids for k in ("prompt", "completion"))
        yield prompt, answer + [2]


ROWS = list(rows())


def loss_of(model, batch):
    batch = [(p + a, [-100] * len(p) + a) for p, a in batch]
    width = max(len(i) for i, _ in batch)
    pad = lambda part, fill: torch.tensor([x + [fill] * (width - len(x)) for x in part])
    ids, labels, mask = pad([i for i, _ in batch], 0), pad([l for _, l in batch], -100), pad([[1] * len(i) for i, _ in batch], 0)
    logits = model(input_ids=ids, attention_mask=mask).logits[:, -width:][:, :-1].float()
    return torch.nn.functional.cross_entropy(logits.reshape(-1, logits.shape[-1]), labels[:, 1:].reshape(-1), ignore_index=-100)


def train(model, groups=None, each_step=None):
    model.train()
    if groups is None:
        groups = [{"params": [p for p in model.parameters() if p.requires_grad], "lr": RATE}]
    optimizer = torch.optim.AdamW(groups, lr=RATE, weight_decay=0.0)
    rates = [g["lr"] for g in optimizer.param_groups]
    losses = []
    for step in range(STEPS):
        if each_step:
            each_step(step, optimizer, rates)
        loss = loss_of(model, ROWS[step * BATCH:(step + 1) * BATCH])
        loss.backward()
        optimizer.step(), optimizer.zero_grad(set_to_none=True)
        losses.append(float(loss.detach()))
    model.eval()
    return losses


def probe(model):
    with torch.no_grad():
        return model(input_ids=torch.tensor([PROBE])).logits[0, -SHOWN:].float().contiguous()


def trained(model):
    return sum(p.numel() for p in model.parameters() if p.requires_grad)


def randomise(model, part, std, about=None):
    with torch.no_grad():
        for name, p in model.named_parameters():
            if part in name and p.requires_grad:
                p.copy_((p if about is None else about) + std * torch.randn(p.shape))


def clean(folder):
    for f in folder.glob("*.md"):
        f.unlink()


EXPECTED, LOGITS = {}, {}


def record(name, folder, method, values, model, count=None, **more):
    """Writes the adapter, the logits with it and the losses of training on."""
    LOGITS[name] = probe(model)
    EXPECTED[name] = {"base": folder.name if folder is BIASED else "tiny", "method": method, "values": values, "trainable": trained(model) if count is None else count,
                      "losses": train(model, **more)}
    LOGITS[name + ".after"] = probe(model)
    print(name, EXPECTED[name]["trainable"], [round(l, 4) for l in EXPECTED[name]["losses"][::3]], flush=True)


def with_peft(name, folder, method, values, config, fill, count=None, groups=None, freeze=()):
    import peft
    torch.manual_seed(len(EXPECTED) + 10)
    model = peft.get_peft_model(base(folder), config)
    fill(model)
    for n, p in model.named_parameters():
        if any(f in n for f in freeze):
            p.requires_grad_(False)
    model.eval()
    model.save_pretrained(HERE / name)
    clean(HERE / name)
    record(name, folder, method, values, model, count, groups=groups(model) if groups else None)
    return model


def encoder_start(name, model, prefix):
    """What the file of the adapter leaves out: the parameters of the network that makes the virtual tokens."""
    state = {n.split("prompt_encoder.default.")[1]: p.detach().clone() for n, p in model.named_parameters() if "prompt_encoder.default." in n}
    save_file({prefix + k: v for k, v in sorted(state.items())}, str(HERE / name / "encoder.safetensors"))


def with_encoder(name, method, values, config):
    import peft
    torch.manual_seed(len(EXPECTED) + 10)
    model = peft.get_peft_model(base(TINY), config).eval()
    model.save_pretrained(HERE / name)
    clean(HERE / name)
    encoder_start(name, model, "prompt_encoder.")
    record(name, TINY, method, values, model)


def plus_groups(model):
    a = [p for n, p in model.named_parameters() if "lora_A" in n]
    b = [p for n, p in model.named_parameters() if "lora_B" in n]
    return [{"params": a, "lr": RATE}, {"params": b, "lr": RATE * 4}]


def peft_methods():
    import peft
    causal = dict(task_type="CAUSAL_LM")
    qv = ["q_proj", "v_proj"]
    full_b = lambda m: randomise(m, "lora_B", 0.05)
    with_peft("lora_patterns", TINY, "lora",
              {"r": 2, "lora_alpha": 4.0, "target_modules": ["q_proj", "down_proj"], "use_rslora": True, "rank_pattern": {"down_proj": 3}, "alpha_pattern": {"down_proj": 6.0}},
              peft.LoraConfig(r=2, lora_alpha=4, target_modules=["q_proj", "down_proj"], use_rslora=True, rank_pattern={"down_proj": 3}, alpha_pattern={"down_proj": 6},
                              **causal), full_b)
    with_peft("lora_plus", TINY, "lora", {"r": 2, "lora_alpha": 4.0, "target_modules": qv, "loraplus_lr_ratio": 4.0},
              peft.LoraConfig(r=2, lora_alpha=4, target_modules=qv, **causal), full_b, groups=plus_groups)
    with_peft("lora_embedding", BIASED, "lora", {"r": 2, "lora_alpha": 4.0, "target_modules": ["embed_tokens", "v_proj"]},
              peft.LoraConfig(r=2, lora_alpha=4, target_modules=["embed_tokens", "v_proj"], **causal),
              lambda m: (full_b(m), randomise(m, "lora_embedding_A", 0.05)))
    with_peft("lora_saved", BIASED, "lora", {"r": 2, "lora_alpha": 4.0, "target_modules": qv, "modules_to_save": ["lm_head"]},
              peft.LoraConfig(r=2, lora_alpha=4, target_modules=qv, modules_to_save=["lm_head"], **causal),
              lambda m: (full_b(m), randomise(m, "modules_to_save", 0.05)))
    with_peft("dora", TINY, "dora", {"r": 2, "lora_alpha": 4.0, "target_modules": ["q_proj", "up_proj"]},
              peft.LoraConfig(r=2, lora_alpha=4, target_modules=["q_proj", "up_proj"], use_dora=True, **causal),
              lambda m: (full_b(m), randomise(m, "magnitude", 0.1)))
    with_peft("ia3", TINY, "ia3", {"target_modules": ["k_proj", "v_proj", "down_proj"], "feedforward_modules": ["down_proj"]},
              peft.IA3Config(target_modules=["k_proj", "v_proj", "down_proj"], feedforward_modules=["down_proj"], **causal), lambda m: randomise(m, "ia3_l", 0.3))
    with_peft("ia3_biased", BIASED, "ia3", {"target_modules": ["k_proj", "v_proj", "down_proj"], "feedforward_modules": ["down_proj"]},
              peft.IA3Config(target_modules=["k_proj", "v_proj", "down_proj"], feedforward_modules=["down_proj"], **causal), lambda m: randomise(m, "ia3_l", 0.3))
    with_peft("vera", TINY, "vera", {"r": 4, "target_modules": ["q_proj", "down_proj"], "d_initial": 0.1},
              peft.VeraConfig(r=4, target_modules=["q_proj", "down_proj"], **causal), lambda m: randomise(m, "vera_lambda", 0.2))
    with_peft("vera_drawn", TINY, "vera", {"r": 4, "target_modules": qv, "save_projection": False, "projection_prng_key": 7},
              peft.VeraConfig(r=4, target_modules=qv, save_projection=False, projection_prng_key=7, **causal), lambda m: randomise(m, "vera_lambda", 0.2))
    with_peft("prompt", TINY, "prompt", {"num_virtual_tokens": 5}, peft.PromptTuningConfig(num_virtual_tokens=5, **causal),
              lambda m: randomise(m, "prompt_encoder", 0.5, about=0.0))
    with_peft("prefix", TINY, "prefix", {"num_virtual_tokens": 3}, peft.PrefixTuningConfig(num_virtual_tokens=3, **causal), lambda m: None)
    with_encoder("prefix_projection", "prefix", {"num_virtual_tokens": 3, "projection": True, "encoder_hidden_size": 6},
                 peft.PrefixTuningConfig(num_virtual_tokens=3, prefix_projection=True, encoder_hidden_size=6, **causal))
    with_encoder("p_tuning", "p_tuning", {"num_virtual_tokens": 4, "encoder_hidden_size": 8},
                 peft.PromptEncoderConfig(num_virtual_tokens=4, encoder_hidden_size=8, **causal))
    with_encoder("p_tuning_lstm", "p_tuning", {"num_virtual_tokens": 4, "encoder_hidden_size": 6, "encoder_reparameterization_type": "LSTM", "encoder_num_layers": 2},
                 peft.PromptEncoderConfig(num_virtual_tokens=4, encoder_hidden_size=6, encoder_reparameterization_type="LSTM", encoder_num_layers=2, **causal))
    # BitFit has no type of its own in PEFT; `bias: all` beside a LoRA that does nothing is what its files can say.
    with_peft("bitfit", BIASED, "bitfit", {}, peft.LoraConfig(r=1, target_modules=["model.layers.0.self_attn.q_proj"], bias="all", **causal),
              lambda m: randomise(m, ".bias", 0.05), freeze=("lora_",))
    norms = ["input_layernorm", "post_attention_layernorm", "norm"]
    with_peft("layernorm", TINY, "layernorm", {}, peft.LNTuningConfig(target_modules=norms, **causal), lambda m: randomise(m, "ln_tuning", 0.2))
    pissa(peft, causal)


def pissa(peft, causal):
    """Starts from the base itself: the losses are all that can be compared."""
    targets = ["q_proj", "down_proj"]
    model = peft.get_peft_model(base(TINY), peft.LoraConfig(r=2, lora_alpha=4, target_modules=targets, init_lora_weights="pissa", **causal))
    record("lora_pissa", TINY, "lora", {"r": 2, "lora_alpha": 4.0, "target_modules": targets, "init_lora_weights": "pissa"}, model)


def freeze():
    """The last layer and all norms, slower further down, from the base itself; and a second layer that joins after four steps."""
    def groups(model, decay, layers):
        result = []
        for name, p in model.named_parameters():
            layer = int(name.split(".")[2]) if ".layers." in name else None
            chosen = (layer is not None and layer >= 2 - layers) or "norm" in name
            p.requires_grad_(chosen)
            if chosen:
                result.append({"params": [p], "lr": RATE * decay ** (0 if layer is None else 2 - layer), "layer": layer})
        return result
    model = base(TINY)
    record("freeze", TINY, "freeze", {"train_layers": 1, "train_norms": True, "layer_lr_decay": 0.5}, model, groups=groups(model, 0.5, 1),
           count=trained(model))

    def unfreeze(step, optimizer, rates):
        for group, rate in zip(optimizer.param_groups, rates):
            waits = group["layer"] == 0 and step < 4
            group["lr"] = 0.0 if waits else rate
            for p in group["params"]:
                p.requires_grad_(not waits)
    model = base(TINY)
    with_all = groups(model, 1.0, 2)
    count = trained(model)
    record("freeze_gradual", TINY, "freeze", {"train_layers": 2, "train_norms": True, "unfreeze_every_steps": 4}, model, groups=with_all, each_step=unfreeze, count=count)


def bottleneck():
    import adapters
    kinds = {"pfeiffer": adapters.SeqBnConfig(reduction_factor=4), "houlsby": adapters.DoubleSeqBnConfig(reduction_factor=8), "parallel": adapters.ParBnConfig(reduction_factor=4)}
    for index, (placement, config) in enumerate(kinds.items()):
        torch.manual_seed(40 + index)
        model = base(TINY)
        adapters.init(model)
        # adapters 1.2.0 transposes the output of Llama's attention twice; transformers' own attention is put back.
        for layer in model.model.layers:
            layer.self_attn.forward = types.MethodType(transformers.models.llama.modeling_llama.LlamaAttention.forward, layer.self_attn)
        model.add_adapter("attune", config=config)
        model.train_adapter("attune")
        with torch.no_grad():
            for name, p in model.named_parameters():
                if ".adapters." in name:
                    p.normal_(0, 0.2)
        folder = HERE / ("bottleneck_" + placement)
        model.eval()
        model.save_adapter(str(folder), "attune", with_head=False, use_safetensors=True)
        record("bottleneck_" + placement, TINY, "bottleneck", {"placement": placement, "reduction_factor": float(config["reduction_factor"])}, model)


def quantised():
    """Codes and scales of bitsandbytes 0.50 for all weights of the tiny model in the order of their names, for an odd number of them, and int8."""
    import bitsandbytes.functional as bnb
    weights = load_file(str(TINY / "model.safetensors"))
    everything = torch.cat([weights[k].flatten() for k in sorted(weights)])
    result = {}
    for name, values in {"all": everything, "odd": everything[:1001]}.items():
        codes, state = bnb.quantize_4bit(values, blocksize=64, compress_statistics=True, quant_type="nf4")
        result |= {name + ".codes": codes.flatten(), name + ".scale_codes": state.absmax, name + ".scale_scales": state.state2.absmax, name + ".offset": state.offset.reshape(1)}
        if name == "odd":
            result[name + ".values"] = bnb.dequantize_4bit(codes, state).flatten()
    codes, scales, _ = bnb.int8_vectorwise_quant(weights["model.layers.0.self_attn.v_proj.weight"].clone())
    result |= {"int8.codes": codes, "int8.scales": scales, "int8.values": bnb.int8_vectorwise_dequant(codes, scales)}
    save_file({k: v.contiguous() for k, v in sorted(result.items())}, str(HERE / "quantised.safetensors"))
    print("quantised", {k: tuple(v.shape) for k, v in result.items()})


if sys.argv[1:] == ["bottleneck"]:
    stored = json.loads((HERE / "expected.json").read_text())
    EXPECTED, LOGITS = stored["methods"], load_file(str(HERE / "expected.safetensors"))
    bottleneck()
else:
    make_biased()
    peft_methods()
    freeze()
    quantised()
    import bitsandbytes, peft
    stored = {"torch": torch.__version__, "transformers": transformers.__version__, "peft": peft.__version__, "adapters": "1.2.0", "bitsandbytes": bitsandbytes.__version__, "rate": RATE, "batch": BATCH, "probe": PROBE,
              "rows": [{"prompt": p, "answer": a} for p, a in ROWS]}
lines = ["  " + json.dumps(k) + ": " + json.dumps(v) for k, v in EXPECTED.items()]
head = ",\n".join(json.dumps(k) + ": " + json.dumps(v) for k, v in stored.items() if k != "methods")
(HERE / "expected.json").write_text("{" + head + ',\n"methods": {\n' + ",\n".join(lines) + "\n}}\n")
save_file({k: LOGITS[k].contiguous() for k in sorted(LOGITS)}, str(HERE / "expected.safetensors"))
