// SPDX-License-Identifier: GPL-3.0-or-later
#include "cleaner/rule.h"

namespace attune::cleaner {
namespace {

/// Text, then the column whose text follows it (-1 behind the last).
struct Piece {
    std::string text;
    int column = -1;
};

Result<std::vector<Piece>> piecesOf(const std::string& text, const std::vector<Column>& columns)
{
    std::vector<Piece> pieces(1);
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if ((c == '{' || c == '}') && at + 1 < text.size() && text[at + 1] == c) {
            pieces.back().text += c;
            ++at;
        } else if (c == '{') {
            const std::size_t end = text.find('}', at);
            if (end == std::string::npos)
                return fail(ErrorCode::FileCorrupt, fmt::format("The template's brace at character {} is not closed.", at + 1), "Write {column} for a column's text and {{ for a brace.");
            ATTUNE_TRY(const std::size_t column, columnOption(Json {{"column", text.substr(at + 1, end - at - 1)}}, columns));
            pieces.back().column = static_cast<int>(column);
            pieces.emplace_back();
            at = end;
        } else {
            pieces.back().text += c;
        }
    }
    return pieces;
}

class Template : public PreparedStep
{
public:
    Template(std::vector<Piece> pieces, std::size_t target)
        : m_pieces(std::move(pieces))
        , m_target(target)
    {
    }
    Effect apply(Row& row) const override
    {
        std::string text;
        for (const auto& piece : m_pieces) {
            text += piece.text;
            if (piece.column >= 0)
                text += textOfCell(row[static_cast<std::size_t>(piece.column)]);
        }
        row.grow(m_target + 1);
        if (row[m_target].isText() && row[m_target].text == text)
            return Effect::Kept;
        row.setText(m_target, std::move(text));
        return Effect::Changed;
    }
    bool isEdit() const override { return true; }

private:
    std::vector<Piece> m_pieces;
    std::size_t m_target;
};

Result<std::unique_ptr<PreparedStep>> prepare(const Json& options, std::vector<Column>& columns, const PrepareContext&)
{
    const auto name = options.at("column").get<std::string>();
    if (name.empty())
        return fail(ErrorCode::FileCorrupt, "The option \"column\" is missing.", "Name the column that the text goes into; a new name adds a column.");
    ATTUNE_TRY(auto pieces, piecesOf(options.at("text").get<std::string>(), columns));
    auto it = std::find_if(columns.begin(), columns.end(), [&](const Column& c) { return c.name == name; });
    if (it == columns.end())
        it = columns.insert(it, Column {name, "text", importer::ColumnRole::Ignore});
    it->type = "text";
    return std::make_unique<Template>(std::move(pieces), static_cast<std::size_t>(it - columns.begin()));
}

}

const Rule& text_template()
{
    static const Rule rule {"template", "Write from a template",
        "Fills a column, old or new, with a text in which {name} stands for a column's text and {{ for a brace.",
        OptionSchema({
            {.key = "column", .type = OptionType::Text, .defaultValue = "", .label = "Column", .help = "The column to write; a new name adds a column at the end."},
            {.key = "text", .type = OptionType::Text, .defaultValue = "", .label = "Text", .help = "The template, for example: {title}: {body}"}}), prepare};
    return rule;
}

}
