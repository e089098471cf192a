# SPDX-License-Identifier: GPL-3.0-or-later
"""`attune logits` in float32 against HF transformers: the starter GGUF (<= 2e-3) and tiny random Llama folders (<= 1e-4), same top-1."""
import numpy as np, torch
from common import *
from transformers import LlamaConfig, LlamaForCausalLM

tok = tokenizer()
model = smollm2()
texts = [r["question"] + "\n" + r["answer"] for r in rows()[:6]] + ["def f(x):\n    return x * 2\n", "Zoë — 日本語 🙂", "a"]
sequences = [tok(t).input_ids for t in texts]
with torch.no_grad():
    expected = [model(torch.tensor([s])).logits[0].float().numpy() for s in sequences]
mine = logits(GGUF, sequences)
worst = max(float(np.abs(a - b).max()) for a, b in zip(mine, expected))
same = all((a.argmax(-1) == b.argmax(-1)).all() for a, b in zip(mine, expected))
check(worst <= 2e-3 and same, f"starter GGUF: max difference {worst:.1e} (<= 2e-3), top-1 {'same' if same else 'differs'}")

COMMON = dict(vocab_size=260, hidden_size=64, intermediate_size=112, num_hidden_layers=3, num_attention_heads=4, max_position_embeddings=512)
VARIANTS = {
    "mha untied": dict(num_key_value_heads=4, tie_word_embeddings=False),
    "gqa tied": dict(num_key_value_heads=2, tie_word_embeddings=True),
    "head_dim 32, biases": dict(num_key_value_heads=1, head_dim=32, attention_bias=True, mlp_bias=True),
    "rope llama3": dict(num_key_value_heads=2, rope_parameters=dict(rope_type="llama3", rope_theta=500000.0, factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=64)),
    "rope linear": dict(num_key_value_heads=2, rope_parameters=dict(rope_type="linear", rope_theta=10000.0, factor=4.0)),
    "rope yarn": dict(num_key_value_heads=2, rope_parameters=dict(rope_type="yarn", rope_theta=10000.0, factor=4.0, original_max_position_embeddings=64)),
}
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast
for name, more in VARIANTS.items():
    torch.manual_seed(0)
    tiny = LlamaForCausalLM(LlamaConfig(**COMMON, **more)).eval()
    with torch.no_grad():
        for n, p in tiny.named_parameters():
            p.copy_(torch.randn(p.shape) * (1.4 / p.shape[-1] ** 0.5)) if p.ndim > 1 else p.add_(0.2 * torch.randn(p.shape))
    folder = TEMP / name.replace(" ", "-").replace(",", "")
    tiny.save_pretrained(folder)
    letters = ["<pad>", "<s>", "</s>", "<unk>"] + sorted(pre_tokenizers.ByteLevel.alphabet())
    t = Tokenizer(models.BPE(vocab={w: i for i, w in enumerate(letters)}, merges=[]))
    t.pre_tokenizer, t.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    PreTrainedTokenizerFast(tokenizer_object=t, bos_token="<s>", eos_token="</s>", pad_token="<pad>").save_pretrained(folder)
    ids = [torch.randint(4, 260, (n,), generator=torch.Generator().manual_seed(n)).tolist() for n in (1, 7, 130)]
    with torch.no_grad():
        expected = [tiny(torch.tensor([s])).logits[0].float().numpy() for s in ids]
    worst = max(float(np.abs(a - b).max()) for a, b in zip(logits(folder, ids), expected))
    check(worst <= 1e-4 * max(1, float(np.abs(expected[2]).max())), f"tiny Llama, {name}: max difference {worst:.1e}")
