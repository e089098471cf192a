#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Counts letter runs per language and writes language_profiles.inc.

Origin of the counts: the translated messages of free programs as a Debian 12 system has them in
/usr/share/locale (coreutils, gnupg, wget, glib, apt, bash, ...; most under GPL-2 or later), English from their
originals. Only frequencies of runs of one to four letters are kept, no text. Run: language_profiles.py [FOLDER]
"""
import collections, gettext, math, pathlib, re, sys

GROUPS = {
    "latin": "en de fr es it pt nl pl tr sv da nb fi cs ro hu vi id ca".split(),
    "cyrillic": "ru uk bg sr".split(),
    "arabic": "ar fa".split(),
}
LEFT_OUT = ("iso_", "xkeyboard", "menu-sections")  # lists of names
MOST_LETTERS = 150_000  # of one catalogue, so that no program's words weigh too much
KEPT = {"latin": 300, "cyrillic": 260, "arabic": 200}  # runs per language
STEPS = 60          # quantisation of -log p
SCALE = 4.5         # steps per nat


def texts(folder, language, skip=(), only=None):
    for name in ("pt", "pt_BR") if language == "pt" else ("de",) if language == "en" else (language,):
        for path in sorted((folder / name / "LC_MESSAGES").glob("*.mo")):
            if path.name.startswith(LEFT_OUT) or path.stem in skip or (only and path.stem not in only):
                continue
            try:
                with open(path, "rb") as f:
                    catalog = gettext.GNUTranslations(f)._catalog
            except Exception:
                continue
            budget = MOST_LETTERS
            for key, value in sorted(catalog.items(), key=lambda i: str(i[0])):
                source = key[0] if isinstance(key, tuple) else key
                source = source.split("\x04")[-1]
                if not source or source == value or budget < 0:
                    continue
                text = source if language == "en" else value
                if not isinstance(text, str):
                    continue
                budget -= len(text)
                yield text


def words(text):
    """Words of letters only: no options, paths, placeholders or names in capitals."""
    text = re.sub(r"[\w./%~$<{-]*[%/_<>{}\\=0-9-][\w./%~$>}-]*", " ", text.replace("_", ""))
    for word in re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)?", text):
        if word.isupper() and len(word) > 1:
            continue
        yield word.lower().replace("’", "'")


def runs(word):
    padded = f" {word} "
    for n in (1, 2, 3, 4):
        for i in range(len(padded) - n + 1):
            run = padded[i:i + n]
            if run.strip():
                yield run


def count(folder, language, **choice):
    counter = collections.Counter()
    for text in texts(folder, language, **choice):
        for word in words(text):
            counter.update(runs(word))
    return counter


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "/usr/share/locale")
    out = ["// Made by language_profiles.py from the message catalogues it names; counts only, no text.",
           "// One line per run of letters: the run, then one character per language of the group;",
           "// '@' + round(-ln(share of the run) * 4.5), at most 60, one more from the backslash on. _ is a word's end."]
    for group, languages in GROUPS.items():
        counts = {language: count(folder, language) for language in languages}
        kept = set()
        for language in languages:
            total = sum(counts[language].values())
            others = {o: sum(counts[o].values()) for o in languages if o != language}
            def worth(item):
                run, n = item
                p = n / total
                q = sum(counts[o][run] / others[o] for o in others) / len(others)
                return -p * abs(math.log(p / (q + p * 0.02 + 1e-7))) * (1.5 if len(run) > 2 else 1)
            kept |= {run for run, n in sorted(counts[language].items(), key=worth)[:KEPT[group]]}
        out.append(f"const ProfileGroup {group} {{\"{' '.join(languages)}\", {{")
        for run in sorted(kept):
            line = ""
            for language in languages:
                total = sum(counts[language].values())
                p = (counts[language][run] + 0.3) / total
                step = min(STEPS, max(0, round(-math.log(p) * SCALE)))
                line += chr(64 + step + (64 + step >= 92))  # past the backslash
            out.append(f'{{"{run.replace(" ", "_")}","{line}"}},')
        out.append("}};")
    (pathlib.Path(__file__).parent / "language_profiles.inc").write_text("\n".join(out) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
