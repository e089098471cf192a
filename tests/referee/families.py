# SPDX-License-Identifier: GPL-3.0-or-later
"""`attune logits` in float32 against transformers on a tiny random model of every family (<= 1e-4): sequences longer than any window,
every scaling of the rotary embedding, tied and untied heads, encoders with each head, encoder-decoders.

    python families.py [NAME ...]      only the cases whose name begins so
"""
import numpy as np, torch, transformers
from common import *
from safetensors.numpy import load_file

V = 96
D = dict(vocab_size=V, hidden_size=32, intermediate_size=56, num_hidden_layers=3, num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=256,
         bos_token_id=None, eos_token_id=None, pad_token_id=None)
MHA = {k: v for k, v in D.items() if k != "num_key_value_heads"}
E = dict(vocab_size=V, hidden_size=32, intermediate_size=56, num_hidden_layers=3, num_attention_heads=4, max_position_embeddings=160, num_labels=5)
DISTIL = dict(vocab_size=V, dim=32, hidden_dim=56, n_layers=3, n_heads=4, max_position_embeddings=160, num_labels=5)
MODERN = dict(E, num_hidden_layers=5, local_attention=12, pad_token_id=0, eos_token_id=None, bos_token_id=None, cls_token_id=None, sep_token_id=None)
T5 = dict(vocab_size=V, d_model=32, d_kv=10, d_ff=56, num_layers=3, num_decoder_layers=2, num_heads=4, decoder_start_token_id=0)


def rope(kind, **more):
    return dict(rope_parameters=dict(rope_type=kind, rope_theta=10000.0, **more))


ROPES = {
    "linear": dict(rope("linear", factor=3.0)), "dynamic": dict(rope("dynamic", factor=2.5), max_position_embeddings=48),
    "yarn": dict(rope("yarn", factor=4.0, original_max_position_embeddings=64), max_position_embeddings=256),
    "llama3": dict(rope("llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=64)),
    "longrope": dict(rope("longrope", short_factor=[1.0, 1.2, 1.5, 1.9], long_factor=[1.5, 2.5, 3.5, 4.5], original_max_position_embeddings=64), original_max_position_embeddings=64),
}
CASES = {
    **{f"llama {k}": ("Llama", dict(D, **v)) for k, v in ROPES.items() if k != "longrope"},
    **{f"qwen2 {k}": ("Qwen2", dict(D, tie_word_embeddings=True, **v)) for k, v in ROPES.items() if k not in ("longrope", "llama3")},
    "llama tied": ("Llama", dict(D, tie_word_embeddings=True)), "llama biased": ("Llama", dict(D, attention_bias=True, mlp_bias=True, head_dim=12)),
    "mistral window": ("Mistral", dict(D, sliding_window=17)), "mistral tied": ("Mistral", dict(D, sliding_window=None, tie_word_embeddings=True, head_dim=16)),
    "qwen2 window": ("Qwen2", dict(D, use_sliding_window=True, sliding_window=13, max_window_layers=1)), "qwen3": ("Qwen3", dict(D, head_dim=16)),
    "qwen3 tied yarn": ("Qwen3", dict(D, head_dim=16, tie_word_embeddings=True, **ROPES["yarn"])),
    "qwen3 window": ("Qwen3", dict(D, head_dim=16, use_sliding_window=True, sliding_window=19, max_window_layers=2, attention_bias=True)),
    "gemma": ("Gemma", dict(D, head_dim=16)), "gemma2": ("Gemma2", dict(D, head_dim=16, sliding_window=15, query_pre_attn_scalar=24)),
    "gemma2 untied": ("Gemma2", dict(D, head_dim=16, sliding_window=15, attn_logit_softcapping=None, final_logit_softcapping=None, tie_word_embeddings=False)),
    "gemma3": ("Gemma3", dict(D, num_hidden_layers=7, head_dim=16, sliding_window=15, query_pre_attn_scalar=24)),
    "phi3": ("Phi3", dict(D, original_max_position_embeddings=256)), "phi3 window": ("Phi3", dict(D, sliding_window=21, tie_word_embeddings=True, original_max_position_embeddings=256)),
    "phi3 longrope long": ("Phi3", dict(D, **ROPES["longrope"])),
    "phi3 longrope short": ("Phi3", dict(D, original_max_position_embeddings=128, max_position_embeddings=512,
                                         **rope("longrope", short_factor=[1.0, 1.2, 1.5, 1.9], long_factor=[1.5, 2.5, 3.5, 4.5], original_max_position_embeddings=128))),
    "gpt2": ("GPT2", dict(vocab_size=V, n_embd=32, n_layer=3, n_head=4, n_positions=160, bos_token_id=None, eos_token_id=None)),
    "gpt2 scaled": ("GPT2", dict(vocab_size=V, n_embd=32, n_layer=3, n_head=4, n_positions=160, n_inner=40, scale_attn_by_inverse_layer_idx=True, activation_function="relu",
                                 bos_token_id=None, eos_token_id=None)),
    "gpt_neox": ("GPTNeoX", dict(MHA)), "gpt_neox sequential linear": ("GPTNeoX", dict(MHA, use_parallel_residual=False, **rope("linear", factor=2.0, partial_rotary_factor=0.5))),
    "gpt_neox tied": ("GPTNeoX", dict(MHA, tie_word_embeddings=True)),
    "olmo2": ("Olmo2", dict(D)), "olmo2 tied": ("Olmo2", dict(D, tie_word_embeddings=True, attention_bias=True)),
    "granite": ("Granite", dict(D, embedding_multiplier=5.0, logits_scaling=3.0, residual_multiplier=0.3, attention_multiplier=0.1)),
    "granite tied": ("Granite", dict(D, tie_word_embeddings=True, attention_bias=True, mlp_bias=True)),
    "stablelm": ("StableLm", dict(D)), "stablelm parallel": ("StableLm", dict(D, use_parallel_residual=True, use_qkv_bias=True)),
    "starcoder2": ("Starcoder2", dict(D)), "starcoder2 window": ("Starcoder2", dict(D, sliding_window=16, tie_word_embeddings=False)),
    "falcon": ("Falcon", dict(vocab_size=V, hidden_size=32, num_hidden_layers=3, num_attention_heads=4, multi_query=True, bos_token_id=None, eos_token_id=None)),
    "falcon new": ("Falcon", dict(vocab_size=V, hidden_size=32, num_hidden_layers=3, num_attention_heads=4, new_decoder_architecture=True, num_kv_heads=2, bos_token_id=None, eos_token_id=None)),
    "falcon alibi": ("Falcon", dict(vocab_size=V, hidden_size=32, num_hidden_layers=3, num_attention_heads=4, alibi=True, multi_query=False, parallel_attn=False, bias=True, bos_token_id=None, eos_token_id=None)),
    "falcon biased": ("Falcon", dict(vocab_size=V, hidden_size=32, num_hidden_layers=3, num_attention_heads=4, multi_query=True, bias=True, ffn_hidden_size=60, tie_word_embeddings=False, bos_token_id=None, eos_token_id=None)),
    **{f"{family.lower()} {head}": (f"{family}{head}", dict(values)) for family, values in
       (("Bert", E), ("Roberta", E), ("DistilBert", DISTIL), ("Electra", dict(E, embedding_size=20)), ("ModernBert", MODERN))
       for head in ("Model", "ForMaskedLM", "ForSequenceClassification", "ForTokenClassification")},
    "electra same width": ("ElectraForSequenceClassification", dict(E, embedding_size=32)),
    "modernbert mean": ("ModernBertForSequenceClassification", dict(MODERN, classifier_pooling="mean", norm_bias=True, attention_bias=True, mlp_bias=True)),
    "bert regression": ("BertForSequenceClassification", dict(E, num_labels=1)),
    "t5": ("T5ForConditionalGeneration", T5), "t5 gated": ("T5ForConditionalGeneration", dict(T5, feed_forward_proj="gated-gelu", tie_word_embeddings=False)),
    "llama ForSequenceClassification": ("LlamaForSequenceClassification", dict(D, num_labels=4, pad_token_id=1)),
    "qwen2 ForTokenClassification": ("Qwen2ForTokenClassification", dict(D, num_labels=4)),
}
CLASSES = {"GPT2": ("GPT2LMHeadModel", "GPT2Config"), "Gemma3": ("Gemma3ForCausalLM", "Gemma3TextConfig")}
IDS = [2 + (11 * i * i + 5 * i + 3) % (V - 2) for i in range(110)]


def build(name, values):
    if "For" in name or name.endswith("Model"):
        stem = name.split("For")[0].removesuffix("Model")
        model_name, config_name = name, stem + "Config"
    else:
        model_name, config_name = CLASSES.get(name, (name + "ForCausalLM", name + "Config"))
    config = getattr(transformers, config_name)(**values)
    config._attn_implementation = "sdpa" if name == "Falcon" else "eager"
    model = getattr(transformers, model_name)(config).eval()
    generator = torch.Generator().manual_seed(len(name) + len(values))
    with torch.no_grad():
        for key, p in model.named_parameters():
            value = torch.randn(p.shape, generator=generator)
            fan_in = p.shape[0 if "c_" in key and name == "GPT2" else -1] if p.dim() > 1 else 0
            p.copy_(p + 0.2 * value if p.dim() == 1 else 0.6 * value if "embed" in key or "wte" in key or "shared" in key else 1.3 * value / fan_in ** 0.5)
    return model


def expected(model, ids):
    with torch.no_grad():
        x = torch.tensor([ids])
        if model.config.is_encoder_decoder:
            result = model(input_ids=x, labels=x)
            return {"0": result.logits[0], "0.hidden": result.encoder_last_hidden_state[0]}
        if type(model).__name__.endswith(("CausalLM", "LMHeadModel")):
            return {"0": model(input_ids=x).logits[0]}
        body = model if type(model).__name__.endswith("Model") else getattr(model, model.base_model_prefix)
        wanted = {"0.hidden": body(input_ids=x).last_hidden_state[0]}
        if body is not model:
            wanted["0.logits"] = model(input_ids=x).logits[0]
        return wanted


wrong = []
for case, (name, values) in CASES.items():
    if sys.argv[1:] and not any(case.startswith(wish) for wish in sys.argv[1:]):
        continue
    model = build(name, values)
    folder = TEMP / case.replace(" ", "-")
    model.save_pretrained(folder)
    wanted = {k: v.float().numpy() for k, v in expected(model, IDS).items()}
    out = TEMP / "out.safetensors"
    out.unlink(missing_ok=True)
    done = attune("logits", "-m", folder, "--dtype", "float32", "--out", out, stdin=[{"ids": IDS}], flags=(), check=False)
    if done.returncode:
        print("WRONG", case, done.stderr.strip()[-300:], flush=True)
        wrong.append(case)
        continue
    found = load_file(str(out))
    worst = max(float(np.abs(found[k] - v).max()) if k in found and found[k].shape == v.shape else float("inf") for k, v in wanted.items())
    scale = max(float(np.abs(v).max()) for v in wanted.values())
    print("ok   " if worst <= 1e-4 else "WRONG", f"{case}: {worst:.1e} (values up to {scale:.1f})", flush=True)
    if worst > 1e-4:
        wrong.append(case)
check(not wrong, f"{len(CASES)} models: " + (", ".join(wrong) or "all within 1e-4"))
