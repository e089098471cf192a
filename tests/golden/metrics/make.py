"""Golden values of the metrics: sacreBLEU, rouge_score, scikit-learn and SciPy on texts and numbers that are easy to get wrong.

    python make.py > metrics.json
"""
import json
import random
import warnings

import sacrebleu
import scipy.stats
import sklearn
import sklearn.metrics as sk
from nltk.stem.porter import PorterStemmer
from rouge_score import rouge_scorer
from sacrebleu.metrics import BLEU, CHRF
from sacrebleu.tokenizers.tokenizer_13a import Tokenizer13a

warnings.filterwarnings("ignore")
random.seed(7)

TEXTS = [
    ("The cat sat on the mat.", "The cat sat on the mat."),
    ("the the the the the the the", "the cat is on the mat"),
    ("It costs $3.50, i.e. 1,000.25 yen - not 7-8%!", "It costs $3.5, i.e., 1000.25 yen – not 7–8 %!"),
    ("", "An answer was expected here."),
    ("An answer was given here.", ""),
    ("", ""),
    ("Ein naïver Café-Besuch über Köln: 12,5 €", "Ein naiver Café‑Besuch über Köln: 12.5 €"),
    ("今天天气很好，我们去公园吧。", "今天天气真好，我们去公园玩。"),
    ("Привет, мир! Как дела?", "Привет, мир. Как твои дела?"),
    ("𝔘𝔫𝔦𝔠𝔬𝔡𝔢 \U0001f600\U0001f680 emoji \u200b zero", "Unicode \U0001f600 emoji zero"),
    ("Line one is here.\nLine two follows it.\n\nLine four ends.", "Line two follows it.\nLine one was here.\nThe end is line four."),
    ("&quot;Tom &amp; Jerry&quot; &lt;3 <skipped>end-\nless", "\"Tom & Jerry\" <3 endless"),
    ("\t tabs\u00a0and\u3000wide spaces \u2028 here  ", "tabs and wide spaces here"),
    ("a.b,c 1.2,3 a1.b2,c3 .5 ,5 5. 5, ...", "a . b , c 1.2,3 a1 . b2 , c3 0.5 5 …"),
    ("don't can't O'Neil's [x](y) {z} a/b c\\d ^_` ~", "do n't can 't O'Neil 's [ x ] ( y ) { z }"),
    ("Running runners ran easily; flying skies lied dying.", "The runner runs with ease, a fly in the sky lies and dies."),
    ("İstanbul'da KELVIN K sign, ŞIK", "istanbul da kelvin k sign, şık"),
    ("x", "x"),
    ("generalizations of relational formality are hopefully adjustable", "generalization relates formally to hopeful adjustments"),
    ("one two three four five six seven eight nine ten", "ten nine eight seven six five four three two one"),
]
WORDS = """a at the tie ties dies die lied tied spied cats caress caresses ponies feed agreed plastered bled motoring sing conflated troubled sized hopping
tanned falling hissing fizzed failing filing happy sky enjoy enjoyment spy fly relational conditional rational valency hesitancy digitizer conformably
radically differently vilely analogously vietnamization predication operator feudalism decisiveness hopefulness callousness formality sensitivity
sensibility triplicate formative formalize electricity electrical hopeful goodness revival allowance inference airliner gyroscopic adjustable
defensible irritant replacement adjustment dependent adoption homologous communism activate angularity effective bowdlerize probate rate cease
controll roll skies dying lying tying news innings outings cannings howe proceed exceed succeed yyyy syzygy toy by oed ing ed ied ees logically
apology theology geologi fulli hopefully usefully ionic lion ion onion creation nation national oxen boxes ax wow saying played player x1y2z3 2000s""".split()

def rouge(stem):
    scorer = rouge_scorer.RougeScorer(["rouge1", "rouge2", "rougeL", "rougeLsum"], use_stemmer=stem)
    rows = [{k: v.fmeasure for k, v in scorer.score(ref, hyp).items()} for hyp, ref in TEXTS]
    return rows

out = {"versions": {"sacrebleu": sacrebleu.__version__, "rouge_score": "0.1.2", "scikit-learn": sklearn.__version__, "scipy": scipy.__version__}}
hyps, refs = [t[0] for t in TEXTS], [t[1] for t in TEXTS]
tok = Tokenizer13a()
rows, rows_stem = rouge(False), rouge(True)
out["texts"] = [{"prediction": h, "reference": r, "words": tok(h.rstrip()).split(), "bleu": BLEU().corpus_score([h], [[r]]).score,
                 "chrf": CHRF().corpus_score([h], [[r]]).score, "rouge": rows[i], "rouge_stemmed": rows_stem[i]} for i, (h, r) in enumerate(TEXTS)]
out["corpus"] = {"bleu": BLEU().corpus_score(hyps, [refs]).score, "chrf": CHRF().corpus_score(hyps, [refs]).score}
short = [("a b c", "a b c"), ("a b", "a c")]
out["short_bleu"] = BLEU().corpus_score([s[0] for s in short], [[s[1] for s in short]]).score
smooth = [("a b c d e f", "a x b y c z"), ("g h i j", "g k l m")]
out["smoothed_bleu"] = BLEU().corpus_score([s[0] for s in smooth], [[s[1] for s in smooth]]).score
stemmer = PorterStemmer()
out["stems"] = {w: stemmer.stem(w) for w in WORDS}

def classes(true, pred, labels):
    p = {}
    for name, f in (("precision", sk.precision_score), ("recall", sk.recall_score), ("f1", sk.f1_score)):
        for avg in ("micro", "macro", "weighted"):
            p[f"{name}_{avg}"] = f(true, pred, average=avg, zero_division=0)
    p["accuracy"] = sk.accuracy_score(true, pred)
    if labels is not None:
        p["mcc"] = sk.matthews_corrcoef(true, pred)
        report = sk.precision_recall_fscore_support(true, pred, labels=labels, zero_division=0)
        p["per_class"] = [[float(x) for x in column] for column in report]
        p["confusion_matrix"] = sk.confusion_matrix(true, pred, labels=labels).tolist()
    return p

out["classes"] = []
for labels, n in ((4, 60), (2, 25), (6, 9), (3, 1)):
    true = [random.randrange(labels) for _ in range(n)]
    pred = [t if random.random() < 0.5 else random.randrange(labels) for t in true]
    out["classes"].append({"labels": labels, "actual": true, "predicted": pred, "values": classes(true, pred, list(range(labels)))})
out["classes"].append({"labels": 3, "actual": [1, 1, 1], "predicted": [1, 1, 1], "values": classes([1, 1, 1], [1, 1, 1], [0, 1, 2])})
true = [[random.randrange(2) for _ in range(4)] for _ in range(30)]
pred = [[t if random.random() < 0.7 else 1 - t for t in row] for row in true]
for row in true + pred:
    row[3] = 0
out["flags"] = {"actual": true, "predicted": pred, "values": classes(true, pred, None)}

out["numbers"] = []
for n in (40, 3):
    x = [round(random.gauss(0, 2), 1) for _ in range(n)]
    y = [round(0.5 * v + random.gauss(0, 1), 1) for v in x]
    out["numbers"].append({"predicted": x, "actual": y, "values": {"mse": sk.mean_squared_error(y, x), "mae": sk.mean_absolute_error(y, x),
                           "pearson": scipy.stats.pearsonr(x, y).statistic, "spearman": scipy.stats.spearmanr(x, y).statistic}})
print(json.dumps(out, ensure_ascii=True, indent=1))
