# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes one folder per case: a tiny random model as transformers saves it (config.json, model.safetensors in
bfloat16), the logits that it computes in float32 (logits.safetensors), and, where llama.cpp has the architecture,
model.gguf from llama.cpp's own converter. The sequence is longer than every window.

    python make.py LLAMA_CPP [CASE ...]
    # made with torch 2.11.0, transformers 5.17.0, llama.cpp of packaging/cmake (its conversion scripts)
"""
import json, os, shutil, sys, warnings
from pathlib import Path

sys.path[:0] = [sys.argv[1] + "/gguf-py", sys.argv[1]]
import torch
import transformers
from safetensors.torch import save_file

warnings.filterwarnings("ignore")
HERE = Path(__file__).parent
VOCAB = 48
BASE = dict(vocab_size=VOCAB, hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=2, num_key_value_heads=1,
            max_position_embeddings=64, bos_token_id=None, eos_token_id=None, pad_token_id=None)
ROPE = dict(rope_theta=10000.0)
LONG = dict(rope_type="longrope", rope_theta=10000.0, short_factor=[1.0, 1.1, 1.3, 1.6], long_factor=[1.5, 2.5, 3.0, 4.0],
            original_max_position_embeddings=16)
GEMMA = dict(BASE, head_dim=8, num_attention_heads=2)
NEOX = {k: v for k, v in BASE.items() if k != "num_key_value_heads"}
FALCON = dict(vocab_size=VOCAB, hidden_size=16, num_hidden_layers=2, num_attention_heads=4, bos_token_id=None, eos_token_id=None)
GEMMA_WINDOW = ["sliding_attention", "full_attention"]
# case: (model class, config class, config values, has GGUF)
CASES = {
    "llama": ("Llama", dict(BASE, attention_bias=True, mlp_bias=True), True),
    "llama_dynamic": ("Llama", dict(BASE, max_position_embeddings=16, rope_parameters=dict(rope_type="dynamic", factor=2.0, **ROPE)), False),
    "llama_llama3": ("Llama", dict(BASE, num_key_value_heads=2, rope_parameters=dict(rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
                                                              original_max_position_embeddings=8192, rope_theta=500000.0)), True),
    "llama_factors": ("Llama", dict(BASE, rope_parameters=dict(rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
                                                               original_max_position_embeddings=32, **ROPE)), True),
    "mistral": ("Mistral", dict(BASE, sliding_window=9, head_dim=8), False),
    "mistral_full": ("Mistral", dict(BASE, sliding_window=None), True),
    "qwen2": ("Qwen2", dict(BASE), True),
    "qwen2_window": ("Qwen2", dict(BASE, use_sliding_window=True, sliding_window=7, max_window_layers=1, tie_word_embeddings=True), False),
    "qwen2_yarn": ("Qwen2", dict(BASE, rope_parameters=dict(rope_type="yarn", factor=4.0, original_max_position_embeddings=16, **ROPE)), True),
    "qwen3": ("Qwen3", dict(BASE, head_dim=12, tie_word_embeddings=True), True),
    "gemma": ("Gemma", dict(GEMMA), True),
    "gemma2": ("Gemma2", dict(GEMMA, query_pre_attn_scalar=8, sliding_window=7, attn_logit_softcapping=2.0, final_logit_softcapping=3.0), True),
    "gemma3": ("Gemma3", dict(GEMMA, query_pre_attn_scalar=8, sliding_window=7, num_hidden_layers=7,
                              rope_parameters=dict(full_attention=dict(rope_type="linear", factor=4.0, rope_theta=1000000.0),
                                                   sliding_attention=dict(rope_type="default", rope_theta=10000.0))), True),
    "phi3": ("Phi3", dict(BASE, original_max_position_embeddings=64), True),
    "phi3_long": ("Phi3", dict(BASE, rope_parameters=LONG, original_max_position_embeddings=16, max_position_embeddings=64, sliding_window=11), False),
    "phi3_short": ("Phi3", dict(BASE, rope_parameters=dict(LONG, original_max_position_embeddings=48), original_max_position_embeddings=48, max_position_embeddings=96), True),
    "phi3_partial": ("Phi3", dict(BASE, rope_parameters=dict(rope_type="default", partial_rotary_factor=0.75, **ROPE), head_dim=8, tie_word_embeddings=True,
                                  original_max_position_embeddings=64), True),
    "gpt2": ("GPT2", dict(vocab_size=VOCAB, n_embd=16, n_layer=2, n_head=2, n_positions=40, n_inner=64, bos_token_id=None, eos_token_id=None), True),
    "gpt2_scaled": ("GPT2", dict(vocab_size=VOCAB, n_embd=16, n_layer=2, n_head=2, n_positions=40, n_inner=24, scale_attn_by_inverse_layer_idx=True,
                                 bos_token_id=None, eos_token_id=None), False),
    "gpt_neox": ("GPTNeoX", dict(NEOX, rope_parameters=dict(rope_type="default", partial_rotary_factor=0.5, **ROPE)), True),
    "gpt_neox_sequential": ("GPTNeoX", dict(NEOX, use_parallel_residual=False, rope_parameters=dict(rope_type="default", partial_rotary_factor=0.25, **ROPE),
                                            num_attention_heads=1), True),
    "olmo2": ("Olmo2", dict(BASE), True),
    "granite": ("Granite", dict(BASE, embedding_multiplier=3.0, logits_scaling=4.0, residual_multiplier=0.4, attention_multiplier=0.2), True),
    "stablelm": ("StableLm", dict(BASE, use_qkv_bias=True, rope_parameters=dict(rope_type="default", partial_rotary_factor=0.5, **ROPE)), True),
    "stablelm_parallel": ("StableLm", dict(BASE, use_parallel_residual=True, num_key_value_heads=2, rope_parameters=dict(rope_type="default", partial_rotary_factor=0.25, **ROPE)), True),
    "starcoder2": ("Starcoder2", dict(BASE, sliding_window=None), True),
    "starcoder2_window": ("Starcoder2", dict(BASE, sliding_window=8, use_bias=False), False),
    "falcon": ("Falcon", dict(FALCON, multi_query=True, num_kv_heads=1), True),
    "falcon_groups": ("Falcon", dict(FALCON, new_decoder_architecture=True, num_kv_heads=2), True),
    "falcon_alibi": ("Falcon", dict(FALCON, multi_query=False, parallel_attn=False, alibi=True, bias=True), False),
}
CLASSES = {"GPT2": ("GPT2LMHeadModel", "GPT2Config"), "Gemma3": ("Gemma3ForCausalLM", "Gemma3TextConfig")}
IDS = [(7 * i * i + 3 * i + 5) % VOCAB for i in range(30)]


def randomise(model, seed):
    """Norm weights around what means 1, everything else large enough to show, all exact in bfloat16."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, p in model.named_parameters():
            value = torch.randn(p.shape, generator=generator)
            if p.dim() == 1:
                around = float(p.flatten()[0]) if ("norm" in name or "ln_" in name) and name.endswith("weight") else 0.0
                value = around + 0.3 * value
            elif "embed" in name or "wte" in name or "wpe" in name or name.startswith("lm_head"):
                value = 0.7 * value
            else:
                value = value * 1.2 / (p.shape[0 if "c_" in name and "GPT2" in type(model).__name__ else 1]) ** 0.5
            p.copy_(value.bfloat16().float())
    return model.eval()


def without_vocabulary(self):
    self._set_vocab_none()
    self.gguf_writer.add_vocab_size(VOCAB)  # llama.cpp counts the tokens of a vocabulary that is not there by this


def convert(folder, target):
    import conversion
    from conversion import get_model_architecture, get_model_class, ModelBase, ModelType
    import gguf
    hparams = ModelBase.load_hparams(folder, False)
    if hparams["model_type"] == "gpt2":
        hparams["n_ctx"] = hparams["n_positions"]
    if hparams["model_type"] == "gpt_neox":
        hparams["rotary_pct"] = hparams["rope_parameters"]["partial_rotary_factor"]
    cls = get_model_class(get_model_architecture(hparams, ModelType.TEXT))
    cls = type(cls.__name__, (cls,), {"model_arch": cls.model_arch, "set_vocab": without_vocabulary})
    cls(folder, gguf.LlamaFileType.MOSTLY_BF16, target, hparams=hparams).write()


def make(case):
    name, values, has_gguf = CASES[case]
    model_name, config_name = CLASSES.get(name, (name + "ForCausalLM", name + "Config"))
    config = getattr(transformers, config_name)(**values)
    # Caps need the eager path; Falcon's adds its slopes twice there.
    config._attn_implementation = "sdpa" if name == "Falcon" else "eager"
    model = randomise(getattr(transformers, model_name)(config), sum(map(ord, case)))
    with torch.no_grad():
        logits = model(input_ids=torch.tensor([IDS])).logits[0]
    folder = HERE / case
    shutil.rmtree(folder, ignore_errors=True)
    model.to(torch.bfloat16).save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    save_file({"logits": logits.contiguous()}, folder / "logits.safetensors")
    if has_gguf:
        tokenizer = folder / "tokenizer.json"  # the Gemma converter counts its entries
        tokenizer.write_text(json.dumps(dict(model=dict(vocab={str(i): i for i in range(VOCAB)}), added_tokens=[])))
        convert(folder, folder / "model.gguf")
        tokenizer.unlink()
    print(case, float(logits.abs().max()), sum(f.stat().st_size for f in folder.iterdir()))


for case in sys.argv[2:] or CASES:
    make(case)
