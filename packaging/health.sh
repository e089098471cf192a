#!/usr/bin/env bash
# File health: no tabs or CRLF in sources, no large files, JSON valid, nothing of a particular machine.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
wrong=0
complain() { echo "$1" >&2; wrong=1; }
sources=$(git ls-files '*.cpp' '*.h' '*.inc' '*.cmake' '*.txt' '*.sh')
while IFS= read -r file; do
    [ -f "$file" ] || continue
    case "$file" in tests/fixtures/*) continue ;; esac
    grep -q $'\r' "$file" && complain "$file has CRLF line ends"
    case "$file" in *.cpp | *.h) grep -q $'\t' "$file" && complain "$file has tabs" ;; esac
done <<<"$sources"
while IFS= read -r file; do
    [ -f "$file" ] && [ "$(stat -c %s "$file")" -gt 1000000 ] && complain "$file is larger than 1 MB"
done < <(git ls-files)
for file in CMakePresets.json; do python3 -m json.tool "$file" >/dev/null || complain "$file is no JSON"; done
exit $wrong
