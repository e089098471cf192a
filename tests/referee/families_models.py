# SPDX-License-Identifier: GPL-3.0-or-later
"""Tiny random models of many families, and how PEFT's methods name their parts."""
import torch, transformers

V = 96
D = dict(vocab_size=V, hidden_size=32, intermediate_size=56, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=128,
         bos_token_id=None, eos_token_id=None, pad_token_id=None)
E = dict(vocab_size=V, hidden_size=32, intermediate_size=56, num_hidden_layers=2, num_attention_heads=4, max_position_embeddings=128, num_labels=5)
IDS = [2 + (11 * i * i + 5 * i + 3) % (V - 2) for i in range(40)]
LLAMA = dict(last="down_proj", ia3=["k_proj", "v_proj", "down_proj"], ff=["down_proj"], vera=["q_proj", "o_proj"], norms=["input_layernorm", "post_attention_layernorm", "norm"],
             save=["lm_head"], **{"not": ()})
BERT = dict(last="intermediate.dense", ia3=["key", "value", "output.dense"], ff=["output.dense"], vera=["query", "value"], norms=["LayerNorm"], save=[], **{"not": ("prefix",)})
# family: (class, config, task of PEFT, names)
BASES = {
    "llama": ("LlamaForCausalLM", dict(D), "CAUSAL_LM", LLAMA),
    "mistral": ("MistralForCausalLM", dict(D, sliding_window=None), "CAUSAL_LM", LLAMA),
    "qwen2": ("Qwen2ForCausalLM", dict(D), "CAUSAL_LM", LLAMA),
    "qwen3": ("Qwen3ForCausalLM", dict(D, head_dim=16), "CAUSAL_LM", LLAMA),
    "gemma2": ("Gemma2ForCausalLM", dict(D, head_dim=16, sliding_window=64), "CAUSAL_LM", dict(LLAMA, save=[])),
    "olmo2": ("Olmo2ForCausalLM", dict(D), "CAUSAL_LM", dict(LLAMA, norms=["post_attention_layernorm", "post_feedforward_layernorm", "norm"])),
    "granite": ("GraniteForCausalLM", dict(D), "CAUSAL_LM", LLAMA),
    "stablelm": ("StableLmForCausalLM", dict(D), "CAUSAL_LM", LLAMA),
    "starcoder2": ("Starcoder2ForCausalLM", dict(D, tie_word_embeddings=False), "CAUSAL_LM", dict(LLAMA, last="c_proj", ia3=["k_proj", "v_proj", "c_proj"], ff=["c_proj"])),
    "phi3": ("Phi3ForCausalLM", dict(D, original_max_position_embeddings=128), "CAUSAL_LM", dict(LLAMA, ia3=["qkv_proj", "down_proj"], vera=["qkv_proj"])),
    "gpt2": ("GPT2LMHeadModel", dict(vocab_size=V, n_embd=32, n_layer=2, n_head=4, n_positions=128, bos_token_id=None, eos_token_id=None), "CAUSAL_LM",
             dict(last="mlp.c_proj", ia3=["c_attn", "mlp.c_proj"], ff=["mlp.c_proj"], vera=["c_attn"], norms=["ln_1", "ln_2", "ln_f"], save=[], **{"not": ()})),
    "gpt_neox": ("GPTNeoXForCausalLM", {k: v for k, v in D.items() if k != "num_key_value_heads"}, "CAUSAL_LM",
                 dict(last="dense_4h_to_h", ia3=["query_key_value", "dense_4h_to_h"], ff=["dense_4h_to_h"], vera=["query_key_value"], norms=["input_layernorm", "final_layer_norm"],
                      save=["embed_out"], **{"not": ()})),
    # transformers repeats Falcon's keys for every query head before it caches them, and PEFT's prefix holds one for each: more than the model's own heads can take.
    "falcon": ("FalconForCausalLM", dict(vocab_size=V, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, new_decoder_architecture=True, num_kv_heads=2, bos_token_id=None, eos_token_id=None),
               "CAUSAL_LM", dict(last="dense_4h_to_h", ia3=["query_key_value", "dense_4h_to_h"], ff=["dense_4h_to_h"], vera=["query_key_value"], norms=["ln_attn", "ln_mlp", "ln_f"], save=[], **{"not": ("prefix",)})),
    "bert": ("BertForSequenceClassification", dict(E), "SEQ_CLS", BERT),
    "bert tokens": ("BertForTokenClassification", dict(E), "TOKEN_CLS", BERT),
    "roberta": ("RobertaForSequenceClassification", dict(E), "SEQ_CLS", BERT),
    "electra": ("ElectraForSequenceClassification", dict(E, embedding_size=20), "SEQ_CLS", dict(BERT, **{"not": ("prefix", "prompt", "p_tuning")})),
    "distilbert": ("DistilBertForSequenceClassification", dict(vocab_size=V, dim=32, hidden_dim=56, n_layers=2, n_heads=4, max_position_embeddings=128, num_labels=5), "SEQ_CLS",
                   dict(last="lin1", ia3=["k_lin", "v_lin", "lin2"], ff=["lin2"], vera=["q_lin", "out_lin"], norms=["sa_layer_norm", "output_layer_norm"], save=[], **{"not": ("prefix",)})),
    "modernbert": ("ModernBertForSequenceClassification", dict(E, local_attention=12, pad_token_id=0, eos_token_id=None, bos_token_id=None, cls_token_id=None, sep_token_id=None), "SEQ_CLS",
                   dict(last="Wi", ia3=["Wqkv", "mlp.Wo"], ff=["mlp.Wo"], vera=["Wqkv"], norms=["mlp_norm", "final_norm"], save=[], **{"not": ("prefix",)})),
    "llama labels": ("LlamaForSequenceClassification", dict(D, num_labels=4, pad_token_id=1), "SEQ_CLS", dict(LLAMA, save=[])),
    "t5": ("T5ForConditionalGeneration", dict(vocab_size=V, d_model=32, d_kv=10, d_ff=56, num_layers=2, num_heads=4, decoder_start_token_id=0), "SEQ_2_SEQ_LM",
           dict(last="wo", ia3=["k", "v", "wo"], ff=["wo"], vera=["q"], norms=["layer_norm", "final_layer_norm"], save=[], **{"not": ("prefix", "prompt", "p_tuning")})),
}


def build(name, values):
    """The model with weights large enough to show every term."""
    stem = name.split("For")[0].removesuffix("LMHeadModel").removesuffix("Model")
    config = getattr(transformers, stem + "Config")(**values)
    config._attn_implementation = "eager"
    model = getattr(transformers, name)(config).eval()
    generator = torch.Generator().manual_seed(len(name))
    with torch.no_grad():
        for key, p in model.named_parameters():
            value = torch.randn(p.shape, generator=generator)
            fan_in = p.shape[0 if "c_" in key and stem == "GPT2" else -1] if p.dim() > 1 else 0
            p.copy_(p + 0.2 * value if p.dim() == 1 else 0.6 * value if "embed" in key or "wte" in key or "shared" in key else 1.2 * value / fan_in ** 0.5)
    return model
