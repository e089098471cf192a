# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes one folder per case: a tiny random encoder or encoder-decoder as transformers saves it (config.json, model.safetensors in
bfloat16) and what it computes in float32 (outputs.safetensors): `hidden` [T, C] of the last layer, `logits` of its head (`pair_logits`
where the last 18 tokens are a second text), and for encoder-decoders the logits of a decoder that writes what was read. Where llama.cpp has the architecture, model.gguf from its own
converter. The sequence is longer than every window.

    python make.py LLAMA_CPP [CASE ...]
    # made with torch 2.11.0, transformers 5.23.0, llama.cpp of packaging/cmake (its conversion scripts)
"""
import shutil, sys, warnings
from pathlib import Path

sys.path[:0] = [sys.argv[1] + "/gguf-py", sys.argv[1]]
import torch
import transformers
from safetensors.torch import save_file

warnings.filterwarnings("ignore")
HERE = Path(__file__).parent
VOCAB, LABELS = 48, 3
BASE = dict(vocab_size=VOCAB, hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=2, max_position_embeddings=40, num_labels=LABELS)
DISTIL = dict(vocab_size=VOCAB, dim=16, hidden_dim=24, n_layers=2, n_heads=2, max_position_embeddings=40, num_labels=LABELS)
MODERN = dict(BASE, num_hidden_layers=4, local_attention=6, global_attn_every_n_layers=3, pad_token_id=0, eos_token_id=None, bos_token_id=None, cls_token_id=None, sep_token_id=None)
T5 = dict(vocab_size=VOCAB, d_model=16, d_kv=6, d_ff=24, num_layers=2, num_decoder_layers=3, num_heads=2, relative_attention_num_buckets=8,
          relative_attention_max_distance=20, decoder_start_token_id=0)
# case: (model class, config class, config values, has GGUF)
CASES = {
    "bert": ("BertModel", "BertConfig", BASE, True),
    "bert_mlm": ("BertForMaskedLM", "BertConfig", dict(BASE, hidden_act="gelu_new"), False),
    "bert_untied": ("BertForMaskedLM", "BertConfig", dict(BASE, tie_word_embeddings=False), False),
    "bert_sequence": ("BertForSequenceClassification", "BertConfig", BASE, False),
    "bert_tokens": ("BertForTokenClassification", "BertConfig", BASE, False),
    "roberta": ("RobertaForMaskedLM", "RobertaConfig", dict(BASE, type_vocab_size=1), False),
    "roberta_sequence": ("RobertaForSequenceClassification", "RobertaConfig", BASE, False),
    "roberta_tokens": ("RobertaForTokenClassification", "RobertaConfig", BASE, False),
    "distilbert": ("DistilBertForMaskedLM", "DistilBertConfig", DISTIL, False),
    "distilbert_sequence": ("DistilBertForSequenceClassification", "DistilBertConfig", DISTIL, False),
    "distilbert_tokens": ("DistilBertForTokenClassification", "DistilBertConfig", DISTIL, False),
    "electra": ("ElectraForMaskedLM", "ElectraConfig", dict(BASE, embedding_size=8), False),
    "electra_sequence": ("ElectraForSequenceClassification", "ElectraConfig", dict(BASE, embedding_size=16), False),
    "electra_tokens": ("ElectraForTokenClassification", "ElectraConfig", dict(BASE, embedding_size=8), False),
    "modernbert": ("ModernBertForMaskedLM", "ModernBertConfig", MODERN, False),
    "modernbert_body": ("ModernBertModel", "ModernBertConfig", MODERN, True),
    "modernbert_biased": ("ModernBertForMaskedLM", "ModernBertConfig", dict(MODERN, norm_bias=True, attention_bias=True, mlp_bias=True, classifier_bias=True, decoder_bias=False), False),
    "modernbert_sequence": ("ModernBertForSequenceClassification", "ModernBertConfig", MODERN, False),
    "modernbert_mean": ("ModernBertForSequenceClassification", "ModernBertConfig", dict(MODERN, classifier_pooling="mean"), False),
    "modernbert_tokens": ("ModernBertForTokenClassification", "ModernBertConfig", MODERN, False),
    "t5": ("T5ForConditionalGeneration", "T5Config", T5, False),
    "t5_far": ("T5ForConditionalGeneration", "T5Config", dict(T5, relative_attention_max_distance=128, num_decoder_layers=2), True),
    "t5_gated": ("T5ForConditionalGeneration", "T5Config", dict(T5, feed_forward_proj="gated-gelu", tie_word_embeddings=False), False),
}
IDS = [(7 * i * i + 3 * i + 5) % VOCAB for i in range(30)]
TEXT_IDS = [i if i != 1 else 2 for i in IDS]  # RoBERTa counts no position for its padding token, 1


def randomise(model, seed):
    """Norm weights around 1, everything else large enough to show, all exact in bfloat16."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, p in model.named_parameters():
            value = torch.randn(p.shape, generator=generator)
            if p.dim() == 1:
                value = (1.0 if "norm" in name.lower() and name.endswith("weight") else 0.0) + 0.3 * value
            elif "embed" in name or "shared" in name or "relative" in name or name in ("lm_head.weight", "decoder.weight"):
                value = 0.7 * value
            else:
                value = value * 1.2 / p.shape[1] ** 0.5
            p.copy_(value.bfloat16().float())
    return model.eval()


def without_vocabulary(self):
    self._set_vocab_none()
    self.gguf_writer.add_vocab_size(VOCAB)


def convert(folder, target):
    from conversion import get_model_architecture, get_model_class, ModelBase, ModelType
    import gguf
    hparams = ModelBase.load_hparams(folder, False)
    cls = get_model_class(get_model_architecture(hparams, ModelType.TEXT))
    cls = type(cls.__name__, (cls,), {"model_arch": cls.model_arch, "set_vocab": without_vocabulary})
    cls(folder, gguf.LlamaFileType.ALL_F32, target, hparams=hparams).write()


def make(case):
    model_name, config_name, values, has_gguf = CASES[case]
    config = getattr(transformers, config_name)(**values)
    config._attn_implementation = "eager"
    model = randomise(getattr(transformers, model_name)(config), sum(map(ord, case)))
    ids = torch.tensor([TEXT_IDS])
    outputs = {}
    with torch.no_grad():
        if "T5" in model_name:
            result = model(input_ids=ids, labels=ids)
            outputs = dict(logits=result.logits[0], hidden=result.encoder_last_hidden_state[0])
        else:
            result = model(input_ids=ids, output_hidden_states=True)
            body = model if model_name.endswith("Model") else getattr(model, model.base_model_prefix)
            outputs["hidden"] = body(input_ids=ids).last_hidden_state[0]
            if not model_name.endswith("Model"):
                outputs["logits"] = result.logits[0]
            if "ForSequence" in model_name and getattr(config, "type_vocab_size", 0) > 1:
                types = torch.tensor([[0] * 12 + [1] * 18])
                outputs["pair_logits"] = model(input_ids=ids, token_type_ids=types).logits[0]
    folder = HERE / case
    shutil.rmtree(folder, ignore_errors=True)
    model.to(torch.bfloat16).save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    save_file({k: v.float().contiguous() for k, v in outputs.items()}, folder / "outputs.safetensors")
    if has_gguf:
        convert(folder, folder / "model.gguf")
    print(case, {k: round(float(v.abs().max()), 2) for k, v in outputs.items()}, sum(f.stat().st_size for f in folder.iterdir()))


for case in sys.argv[2:] or CASES:
    make(case)
