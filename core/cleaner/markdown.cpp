// SPDX-License-Identifier: GPL-3.0-or-later
#include "cleaner/markdown.h"

#include <algorithm>
#include <vector>

namespace attune::cleaner {
namespace {

bool isWord(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c & 0x80);
}

bool isSpaceChar(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool isEscapable(char c)
{
    return std::string_view("\\`*_{}[]()#+-.!|~>").find(c) != std::string_view::npos;
}

std::size_t runLength(std::string_view text, std::size_t at)
{
    std::size_t n = 0;
    while (at + n < text.size() && text[at + n] == text[at])
        ++n;
    return n;
}

/// Where the bracket that opens at `at` closes; npos if it does not within the text.
std::size_t closing(std::string_view text, std::size_t at, char open, char close)
{
    int depth = 0;
    for (std::size_t i = at; i < text.size(); ++i) {
        if (text[i] == '\\') {
            ++i;
        } else if (text[i] == open) {
            ++depth;
        } else if (text[i] == close && --depth == 0) {
            return i;
        } else if (text[i] == '\n' && i + 1 < text.size() && text[i + 1] == '\n') {
            break;  // links end with their paragraph
        }
    }
    return std::string_view::npos;
}

void stripInline(std::string_view text, std::string& out, int depth);

/// `code`: its marks go, and one space on either side of code that begins and ends with one.
std::size_t codeAt(std::string_view text, std::size_t at, std::string& out)
{
    const std::size_t marks = runLength(text, at);
    for (std::size_t i = at + marks; i < text.size();) {
        if (text[i] != '`') {
            ++i;
            continue;
        }
        const std::size_t found = runLength(text, i);
        if (found == marks) {
            std::string_view code = text.substr(at + marks, i - at - marks);
            if (code.size() > 2 && code.front() == ' ' && code.back() == ' ')
                code = code.substr(1, code.size() - 2);
            out += code;
            return i + found;
        }
        i += found;
    }
    out.append(marks, '`');
    return at + marks;
}

/// [text](target), [text][reference] and ![text](target); 0 if none begins here.
std::size_t linkAt(std::string_view text, std::size_t at, std::string& out, int depth)
{
    const std::size_t open = at + (text[at] == '!' ? 1 : 0);
    if (open >= text.size() || text[open] != '[')
        return 0;
    const std::size_t close = closing(text, open, '[', ']');
    if (close == std::string_view::npos || close + 1 >= text.size())
        return 0;
    const char next = text[close + 1];
    const std::size_t end = next == '(' ? closing(text, close + 1, '(', ')') : next == '[' ? closing(text, close + 1, '[', ']') : std::string_view::npos;
    if (end == std::string_view::npos)
        return 0;
    stripInline(text.substr(open + 1, close - open - 1), out, depth + 1);
    return end + 1;
}

/// Emphasis of `marks` signs; 0 if none opens here or it never closes.
std::size_t emphasisAt(std::string_view text, std::size_t at, std::string& out, int depth)
{
    const char mark = text[at];
    const std::size_t marks = runLength(text, at);
    const std::size_t most = mark == '~' ? 2 : 3;
    if (marks > most || (mark == '~' && marks != 2))
        return 0;
    const std::size_t begin = at + marks;
    if (begin >= text.size() || isSpaceChar(text[begin]) || (mark == '_' && at > 0 && isWord(text[at - 1])))
        return 0;
    for (std::size_t i = begin + 1; i < text.size(); ++i) {
        if (text[i] == '\\' || (text[i] == '\n' && text[i - 1] == '\n')) {
            if (text[i] == '\n')
                return 0;
            ++i;
            continue;
        }
        if (text[i] != mark || isSpaceChar(text[i - 1]))
            continue;
        const std::size_t found = runLength(text, i);
        if (found >= marks && (found == marks || marks < 3) && !(mark == '_' && i + found < text.size() && isWord(text[i + found]))) {
            const std::size_t inner = found > marks ? i + found - marks : i;  // **a *b*** : the last ones close
            stripInline(text.substr(begin, inner - begin), out, depth + 1);
            return inner + marks;
        }
        i += found - 1;
    }
    return 0;
}

std::size_t autolinkAt(std::string_view text, std::size_t at, std::string& out)
{
    const std::string_view rest = text.substr(at + 1);
    if (!rest.starts_with("http://") && !rest.starts_with("https://") && !rest.starts_with("mailto:"))
        return 0;
    const std::size_t end = rest.find_first_of("> \n");
    if (end == std::string_view::npos || rest[end] != '>')
        return 0;
    out += rest.substr(0, end);
    return at + end + 2;
}

void stripInline(std::string_view text, std::string& out, int depth)
{
    for (std::size_t at = 0; at < text.size();) {
        const char c = text[at];
        std::size_t end = 0;
        if (c == '\\' && at + 1 < text.size() && isEscapable(text[at + 1])) {
            out += text[at + 1];
            end = at + 2;
        } else if (c == '`') {
            end = codeAt(text, at, out);
        } else if (depth < 16) {
            if (c == '[' || c == '!')
                end = linkAt(text, at, out, depth);
            else if (c == '*' || c == '_' || c == '~')
                end = emphasisAt(text, at, out, depth);
            else if (c == '<')
                end = autolinkAt(text, at, out);
        }
        if (end) {
            at = end;
            continue;
        }
        // A run of marks that opens nothing is taken as it stands.
        const std::size_t plain = c == '*' || c == '_' || c == '~' ? runLength(text, at) : 1;
        out += text.substr(at, plain);
        at += plain;
    }
}

std::string_view withoutIndent(std::string_view line, std::size_t most = 3)
{
    std::size_t n = 0;
    while (n < line.size() && line[n] == ' ' && n < most)
        ++n;
    return line.substr(n);
}

/// --- *** ___ ===, alone on their line.
bool isRule(std::string_view line)
{
    line = withoutIndent(line);
    const char mark = line.empty() ? ' ' : line[0];
    if (mark != '-' && mark != '*' && mark != '_' && mark != '=')
        return false;
    const auto marks = std::count(line.begin(), line.end(), mark);
    return marks >= 3 && std::all_of(line.begin(), line.end(), [&](char c) { return c == mark || c == ' ' || c == '\t'; });
}

bool isTableRule(std::string_view line)
{
    return line.find('|') != std::string_view::npos && line.find("--") != std::string_view::npos && line.find_first_not_of("|-: \t") == std::string_view::npos;
}

/// A line without heading, quote, bullet and table marks; its indent stays in `out`.
std::string_view stripLineStart(std::string_view line, std::string& out)
{
    std::size_t indent = 0;
    while (indent < line.size() && (line[indent] == ' ' || line[indent] == '\t'))
        ++indent;
    std::string_view rest = line.substr(indent);
    bool isQuote = false;
    while (rest.starts_with('>')) {
        rest = withoutIndent(rest.substr(1), 1);
        isQuote = true;
    }
    if (!isQuote)
        out += line.substr(0, indent);
    const std::size_t hashes = rest.starts_with('#') ? runLength(rest, 0) : 0;
    if (hashes > 0 && hashes <= 6 && (rest.size() == hashes || rest[hashes] == ' ')) {
        rest = withoutIndent(rest.substr(hashes), rest.size());
        std::size_t end = rest.find_last_not_of(" #");
        end = end == std::string_view::npos ? 0 : end + 1;
        return end < rest.size() && rest[end] == ' ' ? rest.substr(0, end) : rest;  // a closing row of #
    }
    if (rest.size() > 1 && (rest[0] == '-' || rest[0] == '*' || rest[0] == '+') && rest[1] == ' ') {
        rest = withoutIndent(rest.substr(2), rest.size());
        for (const char* box : {"[ ] ", "[x] ", "[X] "})
            if (rest.starts_with(box))
                rest.remove_prefix(4);
        return rest;
    }
    if (rest.size() > 1 && rest.front() == '|' && rest.back() == '|') {
        rest = rest.substr(1, rest.size() - 2);
        const std::size_t begin = rest.find_first_not_of(' '), end = rest.find_last_not_of(' ');
        return begin == std::string_view::npos ? std::string_view() : rest.substr(begin, end - begin + 1);
    }
    return rest;
}

/// ``` or ~~~ that opens or closes a block of code; their length, 0 if none.
std::size_t fenceOf(std::string_view line, char& mark)
{
    line = withoutIndent(line);
    if (line.empty() || (line[0] != '`' && line[0] != '~'))
        return 0;
    const std::size_t marks = runLength(line, 0);
    if (marks < 3 || (line[0] == '`' && line.find('`', marks) != std::string_view::npos))
        return 0;
    mark = line[0];
    return marks;
}

}

bool stripMarkdown(std::string_view text, std::string& out)
{
    // Paragraphs are collected line by line, so that emphasis over a line break is seen as a whole.
    std::string paragraph;
    out.clear();
    char fence = 0;
    std::size_t fenceLength = 0;
    const auto flush = [&] {
        stripInline(paragraph, out, 0);
        paragraph.clear();
    };
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t newline = text.find('\n', at);
        const std::size_t next = newline == std::string_view::npos ? text.size() : newline + 1;
        std::string_view line = text.substr(at, (newline == std::string_view::npos ? text.size() : newline) - at);
        const std::string_view ending = text.substr(at + line.size(), next - at - line.size());
        at = next;
        char mark = 0;
        const std::size_t marks = fenceOf(line, mark);
        if (fenceLength) {
            if (marks >= fenceLength && mark == fence && line.find_last_not_of(" \t\r") == line.find_last_of(mark))
                fenceLength = 0;
            else
                out.append(line).append(ending);
        } else if (marks) {
            flush();
            fence = mark;
            fenceLength = marks;
        } else if (isRule(line) || isTableRule(line)) {
            flush();
        } else {
            line = stripLineStart(line, paragraph);
            paragraph.append(line).append(ending);
            if (line.empty())
                flush();
        }
    }
    flush();
    // A mark line that was the last one leaves its line break behind.
    if (!out.empty() && out.back() == '\n' && !text.ends_with('\n'))
        out.pop_back();
    return out != text;
}

}
