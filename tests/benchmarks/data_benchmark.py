#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Datasets: Attune beside DuckDB, datasketch and HF datasets, by turns, on the same generated rows.

    python3 tests/benchmarks/data_benchmark.py [--rows 1000000] [--turns 3] [--attune build/release/bin/attune]

Prints one table: task, Attune, peer, ratio, goal. Peers that this Python lacks are left out. Nothing is asserted: a
benchmark informs, tests judge. Files are made once per size in --folder (1.2 GB for a million rows) and stay there.
Attune's times are those of whole fresh processes, with a workspace of their own; DuckDB's are of its statement alone.
"""
import argparse, csv, itertools, json, os, random, re, resource, shutil, statistics, subprocess, sys, tempfile, time
from pathlib import Path

HERE = Path(__file__).resolve().parents[2]
SPICE = ['He said: "like this".', "Zoë paid 5 € in Łódź.", "Well…\nOn a new line.", "日本語 too, and emoji 🙂.", "back\\slash\tand tab"]
COLUMNS = ("instruction", "input", "output")
CLEANING = """steps:
  - {type: fix_mojibake}
  - {type: normalize_unicode}
  - {type: strip_html}
  - {type: trim}
  - {type: collapse_whitespace}
  - {type: lowercase}
  - {type: drop_empty, columns: [instruction, output]}
  - {type: drop_short, column: output, min_chars: 20}
  - {type: drop_long, column: output, max_chars: 8000}
  - {type: drop_refusals, column: output}
  - {type: filter, column: output, op: not_contains, value: lorem ipsum}
  - {type: regex_drop, column: instruction, pattern: '^test\\b'}
"""


# ---- the window

def scrolling(attune):
    """(median, 99th percentile) of the milliseconds of a frame while the wheel goes through ten million rows; the interface's tests time it."""
    tests = Path(attune).parent / "ui_tests"
    if not tests.exists():
        return None
    p = subprocess.run([tests, "--gtest_filter=RowGrids.ScrollThroughThem"], capture_output=True, text=True, env={**os.environ, "QT_QPA_PLATFORM": "offscreen"})
    found = re.search(r"wheel: .*median ([\d.]+) ms, p99 ([\d.]+) ms", p.stdout)
    return found and (float(found[1]), float(found[2]))


# ---- rows

def sentences(rng):
    """8 000 sentences of words whose frequency falls like a language's."""
    letters = "etaoinshrdlcumwfgypbvk"
    words = ["".join(rng.choice(letters) for _ in range(rng.choice((2, 3, 3, 4, 4, 5, 6, 7, 9)))) for _ in range(6000)]
    weights = list(itertools.accumulate(1 / (i + 8) for i in range(len(words))))
    return [" ".join(rng.choices(words, cum_weights=weights, k=rng.randint(4, 12))).capitalize() + "." for _ in range(8000)]


def rows(count):
    """A tenth repeats an earlier row; some differ only in case, white space, or in where a column ends."""
    rng, early = random.Random(11), []
    pool = sentences(rng)
    for i in range(count):
        dice = rng.random()
        if i > 1000 and dice < 0.100:
            yield rng.choice(early)
        elif i > 1000 and dice < 0.104:
            a, b, c = rng.choice(early)
            yield rng.choice([(a + c[:3], b, c[3:]), (a, b, c + " "), (a.swapcase(), b, c), (a, b, c.rsplit(" ", 3)[0])])
        else:
            out = " ".join(rng.choices(pool, k=rng.randint(3, 19)))
            if dice > 0.8:
                out += " " + rng.choice(SPICE)
            row = (rng.choice(pool)[:-1] + "?", rng.choice(pool) if dice > 0.7 else "", out)
            if len(early) < 200_000:
                early.append(row)
            yield row


def files(folder, count):
    folder.mkdir(parents=True, exist_ok=True)
    lines, table = folder / f"rows-{count}.jsonl", folder / f"rows-{count}.csv"
    if not (lines.exists() and table.exists()):
        print(f"writing {count} rows into {folder} …", file=sys.stderr)
        with open(lines, "w", encoding="utf-8") as f, open(table, "w", encoding="utf-8", newline="") as g:
            writer = csv.writer(g, lineterminator="\n")
            writer.writerow(COLUMNS)
            for row in rows(count):
                f.write(json.dumps(dict(zip(COLUMNS, row)), ensure_ascii=False) + "\n")
                writer.writerow(row)
    for path in (lines, table):  # into the page cache
        with open(path, "rb") as f:
            while f.read(1 << 24):
                pass
    return lines, table


# ---- measuring

class Attune:
    def __init__(self, program):
        self.program, self.workspace = program, tempfile.mkdtemp(prefix="attune-benchmark-")

    def __call__(self, *arguments):
        """The JSON answer with wall and CPU seconds and peak memory of the process."""
        begin, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
        process = subprocess.Popen([self.program, "--workspace", self.workspace, "-q", "--json", *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        out, err = process.communicate()
        wall, after = time.monotonic() - begin, resource.getrusage(resource.RUSAGE_CHILDREN)
        if process.returncode:
            sys.exit(f"attune {' '.join(map(str, arguments[:2]))}: exit {process.returncode}: {err.decode()[:300]}")
        answer = json.loads(out)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return answer, wall, cpu

    def fresh(self):
        shutil.rmtree(self.workspace, ignore_errors=True)
        self.workspace = tempfile.mkdtemp(prefix="attune-benchmark-")


def child(code, *arguments):
    """Runs code in a fresh Python; the JSON of its last line, or None where it fails (a peer that is not there)."""
    p = subprocess.run([sys.executable, "-c", code, *map(str, arguments)], capture_output=True, text=True)
    if p.returncode:
        print(f"left out: {(p.stderr.strip().splitlines() or ['?'])[-1]}", file=sys.stderr)
        return None
    return json.loads(p.stdout.strip().splitlines()[-1])


DUCKDB_LOAD = """
import duckdb, json, sys, time
c = duckdb.connect(); c.execute("set enable_progress_bar=false"); begin = time.monotonic()
c.execute(f"create table t as select * from {sys.argv[1]}('{sys.argv[2]}')")
load = time.monotonic() - begin; begin = time.monotonic()
n = c.execute("select count(*) from (select distinct * from t)").fetchone()[0]
print(json.dumps({"load": load, "distinct": time.monotonic() - begin, "rows": n}))
"""
HF_LOAD = """
import json, sys, tempfile, time
import datasets; datasets.disable_progress_bars()
begin = time.monotonic()
d = datasets.load_dataset("json", data_files=sys.argv[1], split="train", cache_dir=tempfile.mkdtemp())
print(json.dumps({"load": time.monotonic() - begin, "rows": d.num_rows}))
"""
DATASKETCH = """
import json, sys, time
from datasketch import MinHash, MinHashLSH
texts = ["\\n".join(json.loads(l).values()).lower().split() for l, _ in zip(open(sys.argv[1], encoding="utf-8"), range(int(sys.argv[2])))]
begin = time.monotonic()
lsh = MinHashLSH(threshold=0.8, num_perm=128)
for i, w in enumerate(texts):
    m = MinHash(num_perm=128)
    m.update_batch([" ".join(w[k:k + 5]).encode() for k in range(max(1, len(w) - 4))])
    lsh.query(m); lsh.insert(i, m, check_duplication=False)
print(json.dumps({"seconds": time.monotonic() - begin, "rows": len(texts)}))
"""


def shingles(text):
    words = text.lower().split()
    return {tuple(words[k:k + 5]) for k in range(max(1, len(words) - 4))}


def quality(attune, folder):
    """Pairs of `data leak` beside all pairs by brute force, at 0.8, on edited copies of texts."""
    rng = random.Random(5)
    pool = sentences(rng)
    originals = [" ".join(rng.choices(pool, k=rng.randint(1, 9))) for _ in range(1500)]
    copies = []
    for text in originals:
        words, edits = text.split(), rng.random() * 0.12
        copies.append(" ".join(w if rng.random() > edits else rng.choice(pool).split()[0] for w in words))
    for name, texts in (("left", originals), ("right", copies)):
        with open(folder / f"{name}.jsonl", "w", encoding="utf-8") as f:
            f.writelines(json.dumps({"text": t}) + "\n" for t in texts)
    found = {(p["train"], p["eval"]) for p in attune("data", "leak", folder / "left.jsonl", folder / "right.jsonl", "--threshold", "0.8")[0]["pairs"]}
    left, right = [shingles(t) for t in originals], [shingles(t) for t in copies]
    wanted = {(i, j) for i, a in enumerate(left) for j, b in enumerate(right) if len(a & b) >= 0.8 * len(a | b)}
    return len(found & wanted) / len(wanted), len(found & wanted) / max(1, len(found)), len(wanted)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--attune", default=HERE / "build/release/bin/attune")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "attune-data-benchmark")
    parser.add_argument("--sketch-rows", type=int, default=10_000, help="rows for datasketch, which is slow")
    options = parser.parse_args()
    lines, table = files(options.folder, options.rows)
    attune, scale = Attune(options.attune), options.rows / 1e6
    ours, theirs = {}, {}

    def note(store, name, value):
        if value is not None:
            store.setdefault(name, []).append(value)

    for _ in range(options.turns):  # by turns, so that a busy machine is unfair to nobody
        for kind, path, reader in (("jsonl", lines, "read_json"), ("csv", table, "read_csv")):
            peer = child(DUCKDB_LOAD, reader, path)
            note(theirs, kind, peer and peer["load"])
            attune.fresh()
            answer, wall, _ = attune("data", "import", path, "--name", "rows")
            assert (answer["rows"], answer["skipped"]) == (options.rows, 0), answer
            note(ours, kind, wall)
            if kind == "jsonl":
                note(theirs, "exact", peer and peer["distinct"])
                note(theirs, "exact with reading", peer and peer["load"] + peer["distinct"])
                for method in ("exact", "normalized", "near"):
                    answer, wall, cpu = attune("data", "dedupe", "rows", "--method", method, "--dry-run")
                    note(ours, method, answer["seconds"])
                    note(ours, method + " cpu", cpu)
                    if method == "exact" and peer:
                        assert answer["rows_out"] == peer["rows"], (answer, peer)
                note(ours, "page", attune("data", "show", "rows", "--where", "output contains emoji", "--limit", "50")[1])
                note(ours, "rare page", attune("data", "show", "rows", "--where", "output contains nosuchword", "--limit", "50")[1])
                steps = options.folder / "steps.yaml"
                steps.write_text(CLEANING)
                answer, wall, cpu = attune("data", "clean", "rows", "--steps", steps, "--as", "cleaned")
                note(ours, "clean", wall)
                note(ours, "clean cpu", cpu)
        peer = child(DATASKETCH, lines, min(options.sketch_rows, options.rows))
        note(theirs, "near per row", peer and peer["seconds"] / peer["rows"])
    hf = child(HF_LOAD, lines)
    frames = scrolling(options.attune)
    recall, precision, pairs = quality(attune, options.folder)
    memory = subprocess.run([sys.executable, "-c", "import resource, subprocess, sys; subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL); print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)",
                             str(options.attune), "--workspace", attune.workspace, "-q", "--json", "data", "import", str(table), "--name", "memory"], capture_output=True, text=True)
    shutil.rmtree(attune.workspace, ignore_errors=True)

    median = lambda store, name: statistics.median(store[name]) if name in store else None
    out = []

    def line(task, mine, peer_name, peer, goal, unit="s", more=""):
        ratio = f"{mine / peer:.3f}" if peer else ""
        out.append((task, f"{mine:.2f} {unit}{more}", f"{peer_name} {peer:.2f} {unit}" if peer else "", ratio, goal))

    line("import JSONL", median(ours, "jsonl"), "DuckDB", median(theirs, "jsonl"), "≤ 0.67×")
    if hf:
        line("import JSONL", median(ours, "jsonl"), "HF datasets", hf["load"], "")
    line("import CSV", median(ours, "csv"), "DuckDB", median(theirs, "csv"), "≤ 1×")
    out.append(("import, peak memory", f"{int(memory.stdout or 0) / 2**20:.2f} GiB", "", "", "≤ 1 GiB"))
    line("exact duplicates, reading included", median(ours, "exact"), "DuckDB load + distinct", median(theirs, "exact with reading"), "")
    line("exact duplicates", median(ours, "exact"), "DuckDB distinct alone", median(theirs, "exact"), "≤ 1×")
    line("normalised duplicates", median(ours, "normalized"), "", None, "")
    line("near-duplicates", median(ours, "near"), "", None, f"≤ {1.5 * scale:.2f} s", more=f" ({median(ours, 'near cpu'):.2f} CPU s)")
    if "near per row" in theirs:
        factor = median(theirs, "near per row") * options.rows / median(ours, "near")
        out.append(("near-duplicates per row", f"{median(ours, 'near') / options.rows * 1e6:.2f} µs", f"datasketch {median(theirs, 'near per row') * 1e6:.0f} µs", f"{factor:.0f}× faster", "≥ 100×"))
    out.append((f"near pairs at 0.8 ({pairs} by brute force)", f"recall {recall:.4f}, precision {precision:.4f}", "", "", "≥ 0.98, ≥ 0.99"))
    line("filter's first page (whole process)", median(ours, "page") * 1000, "", None, "≤ 50 ms", unit="ms")
    line("filter that finds nothing", median(ours, "rare page") * 1000, "", None, "≤ 1500 ms", unit="ms")
    out.append(("cleaning, 12 rules, per core", f"{lines.stat().st_size / 1e6 / median(ours, 'clean cpu'):.0f} MB/s", "", "", "≥ 300 MB/s"))
    if frames:
        out.append(("scrolling 10 M rows, a frame", f"{frames[0]:.2f} ms, p99 {frames[1]:.2f} ms", "", "", "p99 ≤ 4 ms"))
    widths = [max(len(row[i]) for row in out + [("task", "Attune", "peer", "ratio", "goal")]) for i in range(5)]
    print(f"{options.rows} rows, {lines.stat().st_size / 1e6:.0f} MB JSONL, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, median of {options.turns}")
    for row in [("task", "Attune", "peer", "ratio", "goal")] + out:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())


if __name__ == "__main__":
    main()
