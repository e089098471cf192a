# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes tests/golden/tokenizers/: small HF tokenizers of every kind with the ids and texts that tokenizers gives, and hashes of
chat templates as transformers renders them. Made with tokenizers 0.22, transformers 5; run it with a Python that has both:
python tests/golden/tokenizers_golden.py. tests/referee/tokenizer.py compares the same kinds live on many more strings."""
import datetime, hashlib, json, os, random, sys
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders as D, models, normalizers as N, pre_tokenizers as P, processors as R, trainers as T

ROOT = Path(__file__).resolve().parents[2]
OUT = Path(__file__).resolve().parent / "tokenizers"
DEPS = Path(os.environ.get("ATTUNE_DEPS_DIR", Path.home() / ".cache/attune/deps"))
TEMPLATES = DEPS / "llama.cpp-0.3.36/src/models/templates"
LLAMA3 = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
QWEN2 = LLAMA3.replace("{1,3}", "")
QWEN35 = QWEN2.replace(r"?\p{L}+", r"?[\p{L}\p{M}]+").replace(r"[^\s\p{L}\p{N}]", r"[^\s\p{L}\p{M}\p{N}]")
UPPER, LOWER, CONTRACTION = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]", r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
GPT4O = rf"[^\r\n\p{{L}}\p{{N}}]?{UPPER}*{LOWER}+{CONTRACTION}|[^\r\n\p{{L}}\p{{N}}]?{UPPER}+{LOWER}*{CONTRACTION}|" + r"\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
BYTES = ["<0x%02X>" % i for i in range(256)]


def corpus():
    with open(ROOT / "datasets/gsm8k/train.jsonl", encoding="utf-8") as f:
        rows = [json.loads(line) for line, _ in zip(f, range(1500))]
    return [t for r in rows for t in r.values()] + ["Größe Straße café naïve München 東京都 日本語 안녕하세요 привет мир مرحبا 😀🎉"] * 30


def byte_level(size, pre, normalizer=None):
    t = Tokenizer(models.BPE())
    t.pre_tokenizer, t.decoder = pre, D.ByteLevel()
    if normalizer:
        t.normalizer = normalizer
    t.train_from_iterator(corpus(), T.BpeTrainer(vocab_size=size, initial_alphabet=P.ByteLevel.alphabet(), special_tokens=["<|endoftext|>", "<|im_start|>", "<|im_end|>"], show_progress=False))
    return t


def sentencepiece(size, normalizer, pre, decoder):
    made = Tokenizer(models.BPE(byte_fallback=True, fuse_unk=True, unk_token="<unk>"))
    made.pre_tokenizer = P.Metaspace()
    made.train_from_iterator(corpus(), T.BpeTrainer(vocab_size=size + 260, special_tokens=["<unk>", "<s>", "</s>"] + BYTES, show_progress=False, limit_alphabet=120))
    j = json.loads(made.to_str())
    j["added_tokens"] = j["added_tokens"][:3]
    t = Tokenizer.from_str(json.dumps({**j, "normalizer": None, "pre_tokenizer": None}))
    if normalizer:
        t.normalizer = normalizer
    if pre:
        t.pre_tokenizer = pre
    t.decoder = decoder
    return t


def unigram(size, has_bytes):
    t = Tokenizer(models.Unigram())
    t.normalizer, t.pre_tokenizer, t.decoder = N.Sequence([N.NFKC(), N.Replace(Regex(" {2,}"), " ")]), P.Metaspace(), D.Metaspace()
    t.train_from_iterator(corpus(), T.UnigramTrainer(vocab_size=size, special_tokens=["<pad>", "</s>", "<unk>"] + (BYTES if has_bytes else []), unk_token="<unk>", show_progress=False))
    j = json.loads(t.to_str())
    j["model"]["byte_fallback"], j["added_tokens"] = has_bytes, j["added_tokens"][:3]
    t = Tokenizer.from_str(json.dumps(j))
    t.post_processor = R.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    return t


def wordpiece(size, **options):
    t = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    t.normalizer, t.pre_tokenizer, t.decoder = N.BertNormalizer(**options), P.BertPreTokenizer(), D.WordPiece()
    t.train_from_iterator(corpus(), T.WordPieceTrainer(vocab_size=size, special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"], show_progress=False))
    t.post_processor = R.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    return t


def words(size, pre, normalizer):
    t = Tokenizer(models.WordLevel(unk_token="[UNK]"))
    t.pre_tokenizer, t.normalizer = pre, normalizer
    t.train_from_iterator(corpus(), T.WordLevelTrainer(vocab_size=size, special_tokens=["[UNK]"], show_progress=False))
    return t


def clip(size):
    t = Tokenizer(models.BPE(unk_token="<u>", end_of_word_suffix="</w>", continuing_subword_prefix=""))
    t.normalizer = N.Sequence([N.NFC(), N.Replace(Regex(r"\s+"), " "), N.Lowercase()])
    t.pre_tokenizer = P.Sequence([P.Split(Regex(r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"), "removed", invert=True), P.ByteLevel(add_prefix_space=False, use_regex=False)])
    t.decoder = D.BPEDecoder("</w>")
    t.train_from_iterator(corpus(), T.BpeTrainer(vocab_size=size + 260, end_of_word_suffix="</w>", special_tokens=["<u>"], initial_alphabet=P.ByteLevel.alphabet(), show_progress=False))
    return t


def kinds(size=420):
    plain = lambda **k: P.ByteLevel(add_prefix_space=False, **k)
    split = lambda pattern: P.Sequence([P.Split(Regex(pattern), "isolated"), plain(use_regex=False)])
    unescape = [D.Replace("▁", " "), D.ByteFallback(), D.Fuse()]
    made = {
        "gpt2": byte_level(size, plain()),
        "smollm": byte_level(size, P.Sequence([P.Digits(individual_digits=True), plain()])),
        "llama3": byte_level(size, split(LLAMA3)),
        "qwen2": byte_level(size, split(QWEN2), N.NFC()),
        "qwen35": byte_level(size, split(QWEN35), N.NFC()),
        "gpt4o": byte_level(size, split(GPT4O)),
        "roberta": byte_level(size, P.ByteLevel(add_prefix_space=True)),
        "added": byte_level(size, plain(), N.NFKC()),
        "llama_legacy": sentencepiece(size, N.Sequence([N.Prepend("▁"), N.Replace(" ", "▁")]), None, D.Sequence(unescape + [D.Strip(" ", 1, 0)])),
        "llama": sentencepiece(size, None, P.Metaspace(prepend_scheme="first", split=False), D.Sequence(unescape + [D.Strip(" ", 1, 0)])),
        "gemma": sentencepiece(size, N.Replace(" ", "▁"), P.Split(" ", "merged_with_previous"), D.Sequence(unescape)),
        "unigram": unigram(size, False),
        "unigram_bytes": unigram(size + 256, True),
        "bert": wordpiece(size),
        "bert_cased": wordpiece(size, lowercase=False),
        "wordlevel": words(size, P.Whitespace(), N.Sequence([N.NFD(), N.StripAccents(), N.Lowercase(), N.Strip()])),
        "punctuation": words(size, P.Sequence([P.WhitespaceSplit(), P.Punctuation("contiguous"), P.Digits(False)]), N.Nmt()),
        "merged": words(size, P.Sequence([P.Punctuation("merged_with_previous"), P.CharDelimiterSplit(" ")]), N.NFKD()),
        "clip": clip(size),
    }
    made["llama3"].post_processor = R.Sequence([R.ByteLevel(trim_offsets=False), R.TemplateProcessing(single="<|endoftext|> $A", special_tokens=[("<|endoftext|>", 0)])])
    made["llama_legacy"].post_processor = R.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
    made["roberta"].post_processor = R.RobertaProcessing(("<|im_end|>", 2), ("<|im_start|>", 1))
    made["roberta"].add_special_tokens([AddedToken("<mask>", lstrip=True)])
    made["added"].add_tokens([AddedToken("foo", single_word=True), AddedToken(" bar ", normalized=True), AddedToken("[X]", lstrip=True, rstrip=True, normalized=False), AddedToken("the", single_word=True, normalized=False)])
    j = json.loads(made["llama3"].to_str())
    j["model"]["ignore_merges"], j["model"]["merges"] = True, j["model"]["merges"][:60]
    made["ignore_merges"] = Tokenizer.from_str(json.dumps(j))
    return made


def texts(count, seed=5):
    rng = random.Random(seed)
    pool = [chr(c) for c in range(0x20, 0x7F)] * 3 + list(" \n\t\r  ''''ssdtmllvere0123456789") * 4 + list(
        "éèüßñçøÅŠžİıſKﬁ½²³٣४五一二日本語漢字かなカナ한국어привет مرحبا שלום हिन्दी ไทย ́̈̂\u200d\u200b\u00a0\u2028\u3000\u1680\u0085😀👨‍👩‍👧🏽🇩🇪▁Ġ\ufeff\ufffd\x00\x01\x7f\x0b\x0c")
    known = [w for t in corpus()[:400] for w in t.split(" ")]
    special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<s>", "</s>", "<unk>", "[CLS]", "[MASK]", "<mask>", "foo", "bar", " bar ", "[X]", "the", "<0x0A>", "[UNK]"]
    out = ["", "a", " ", "\n", "  ", "   a", "a   ", "don't", "DON'T I'LL we'Ve 'ſ"]
    while len(out) < count:
        k = rng.random()
        if k < 0.4:
            out.append("".join(rng.choices(pool, k=rng.randint(1, 40))))
        elif k < 0.7:
            out.append("".join(rng.choice(known) + rng.choice([" ", " ", "  ", "\n", "\t", " , "]) for _ in range(rng.randint(1, 15))))
        elif k < 0.9:
            out.append("".join(rng.choice([rng.choice(special), rng.choice(known), " ", rng.choice(pool)]) for _ in range(rng.randint(1, 14))))
        else:
            out.append(rng.choice(pool) * rng.randint(1, 120))
    return out


CONVERSATIONS = [
    dict(messages=[dict(role="user", content="Hello"), dict(role="assistant", content="Hi there!")]),
    dict(messages=[dict(role="system", content="Be brief."), dict(role="user", content="What is 2+2?"), dict(role="assistant", content="It is four."), dict(role="user", content="  And 3+3? "), dict(role="assistant", content=" Six.\n")]),
    dict(messages=[dict(role="user", content="Grüße 日本 🙂\n\nline <|im_end|>"), dict(role="assistant", content="```py\nx = 1\n```"), dict(role="user", content="more")], prompt=True),
    dict(messages=[dict(role="user", content="weather?"), dict(role="assistant", content="", tool_calls=[dict(id="call12345", type="function", function=dict(name="get_weather", arguments=dict(city="Bonn", n=2)))]),
                   dict(role="tool", tool_call_id="call12345", name="get_weather", content='{"t": 21}'), dict(role="assistant", content="21 degrees.")],
         tools=[dict(type="function", function=dict(name="get_weather", description="Weather of a city", parameters=dict(type="object", properties=dict(city=dict(type="string", description="The city"), n=dict(type="integer")), required=["city"])))]),
    dict(messages=[dict(role="user", content="think"), dict(role="assistant", content="<think>\nhmm\n</think>\n\nDone.")]),
]


def rendered(source, conversation):
    """As transformers renders it on 26 July 2026; None where the template or Python refuses."""
    from transformers.utils import chat_template_utils as U

    class Frozen(datetime.datetime):
        @classmethod
        def now(cls, tz=None):
            return cls(2026, 7, 26, 12, 0, 0)

    U.datetime = Frozen
    try:
        text, _ = U.render_jinja_template([conversation["messages"]], tools=conversation.get("tools"), chat_template=source,
                                          add_generation_prompt=conversation.get("prompt", False), bos_token="<|im_start|>", eos_token="<|im_end|>")
        return text[0]
    except Exception:
        return None


def main():
    OUT.mkdir(exist_ok=True)
    cases = texts(110)
    for name, t in kinds().items():
        golden = dict(texts=cases, ids=[e.ids for e in t.encode_batch(cases)], plain=[e.ids for e in t.encode_batch(cases, add_special_tokens=False)])
        golden["decoded"] = [t.decode(i, skip_special_tokens=False) for i in golden["ids"]]
        golden["skipped"] = [t.decode(i, skip_special_tokens=True) for i in golden["ids"]]
        (OUT / f"{name}.json").write_text(json.dumps(dict(tokenizer=json.loads(t.to_str()), **golden), ensure_ascii=True, separators=(",", ":")))
    hashes = {}
    for path in sorted(TEMPLATES.glob("*.jinja")):
        source = path.read_text(encoding="utf-8")
        texts_ = [rendered(source, c) for c in CONVERSATIONS]
        hashes[path.name] = [t if t is None else hashlib.sha256(t.encode()).hexdigest()[:16] for t in texts_]
    # HTML-escaped by Python's tojson in one place of this template, which no other engine does.
    hashes["meetkai-functionary-medium-v3.1.jinja"][3] = None
    (OUT.parent / "templates.json").write_text(json.dumps(dict(conversations=CONVERSATIONS, sha256=hashes), indent=0))


if __name__ == "__main__":
    main()
