# SPDX-License-Identifier: GPL-3.0-or-later
"""`attune tokenize`, `detokenize` and `template` against HF tokenizers on 1500 strings for every kind of tokenizer.json, against
transformers' rendering of all templates in the llama.cpp sources, and on the starter model."""
import sys

from common import *

sys.path.insert(0, str(ROOT / "tests/golden"))
import tokenizers_golden as golden


def lines(args, values):
    return [json.loads(l) for l in attune(*args, stdin=values, flags=()).stdout.split("\n") if l]


cases = golden.texts(1500, seed=11)
for name, t in golden.kinds(1500).items():
    folder = TEMP / name
    folder.mkdir()
    t.save(str(folder / "tokenizer.json"))
    for more, special in (([], True), (["--no-special"], False)):
        mine = [x["ids"] for x in lines(["tokenize", "-m", folder, *more], [{"text": x} for x in cases])]
        wrong = sum(a != e.ids for a, e in zip(mine, t.encode_batch(cases, add_special_tokens=special)))
        check(wrong == 0 and len(mine) == len(cases), f"{name}{' '.join(['', *more])}: {wrong} of {len(cases)} texts differ")
    back = [x["text"] for x in lines(["detokenize", "-m", folder, "--skip-special"], [{"ids": i} for i in mine])]
    wrong = sum(a != t.decode(i, skip_special_tokens=True) for a, i in zip(back, mine))
    check(wrong == 0, f"{name} back: {wrong} of {len(cases)} texts differ")

tok = tokenizer()
mine = [x["ids"] for x in lines(["tokenize", "-m", GGUF], [{"text": x} for x in cases])]
wrong = sum(a != tok(x).input_ids for a, x in zip(mine, cases) if "\ufffd" not in x)
check(wrong == 0, f"starter model: {wrong} of {len(cases)} texts differ")
chats = [dict(messages=c["messages"]) for c in golden.CONVERSATIONS[:2]]
mine = lines(["template", "-m", GGUF], chats)
check(all(m["text"] == tok.apply_chat_template(c["messages"], tokenize=False) for m, c in zip(mine, chats)), "starter model: chat template")

differing = []
for path in sorted(golden.TEMPLATES.glob("*.jinja")):
    for i, c in enumerate(golden.CONVERSATIONS):
        expected = golden.rendered(path.read_text(encoding="utf-8"), c)
        args = ["template", "-m", GGUF, "--template", path, "--template-date", "2026-07-26", "--train-on", "all"] + (["--add-generation-prompt"] if c.get("prompt") else [])
        if expected is not None and "&#34;" not in expected:
            if lines(args, [dict(messages=c["messages"], tools=c.get("tools"))])[0]["text"] != expected:
                differing.append(f"{path.name} {i}")
check(not differing, f"chat templates: {differing or 'all equal'}")
