// SPDX-License-Identifier: GPL-3.0-or-later
#include "cleaner/steps.h"

#include "base/edit_distance.h"
#include "importer/chunks.h"

#include <yaml-cpp/yaml.h>

#include <array>
#include <atomic>
#include <charconv>
#include <chrono>
#include <mutex>
#include <numeric>

namespace attune::cleaner {
namespace {

constexpr std::size_t kMostSteps = 10'000;
constexpr std::size_t kLongestKey = 300;  // YAML reads no keys beyond 1 024 bytes back, and a byte that is no UTF-8 becomes three
constexpr std::int64_t kChunkRows = 4096;
constexpr std::int64_t kRowsAtOnce = 16;  // a step sees so many rows before the next: its code and its branches stay warm

Json scalar(const YAML::Node& node)
{
    const std::string text = node.Scalar();
    if (node.Tag() == "!")
        return text;  // it was quoted
    if (text == "true" || text == "false")
        return text == "true";
    if (text == "null" || text == "~" || text.empty())
        return nullptr;
    const std::size_t first = text[0] == '-' ? 1 : 0;
    if (text.size() > first + 1 && text[first] == '0' && text[first + 1] >= '0' && text[first + 1] <= '9')
        return text;  // 007 is a text
    std::int64_t integer = 0;
    if (const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), integer); error == std::errc() && end == text.data() + text.size())
        return integer;
    double number = 0;
    if (const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number); error == std::errc() && end == text.data() + text.size() && text.find_first_of("0123456789") != std::string::npos)
        return number;
    return text;
}

/// `budget` counts nodes down and `levels` bounds nesting: aliases can make a small file endless.
Json toJson(const YAML::Node& node, int& budget, int levels = 20)
{
    if (--budget < 0 || levels < 0)
        throw YAML::Exception(node.Mark(), "too many values");
    if (node.IsScalar())
        return scalar(node);
    if (node.IsNull() || !node.IsDefined())
        return nullptr;
    Json json = node.IsMap() ? Json::object() : Json::array();
    for (const auto& item : node) {
        if (node.IsMap() && item.first.IsScalar() && item.first.Scalar().size() > kLongestKey)
            throw YAML::Exception(item.first.Mark(), "a key is too long");
        if (node.IsMap())
            json[item.first.Scalar()] = toJson(item.second, budget, levels - 1);
        else
            json.push_back(toJson(item, budget, levels - 1));
    }
    return json;
}

Result<Step> stepFrom(const Json& json, std::size_t number)
{
    const std::string where = fmt::format("step {}", number);
    if (!json.is_object() || !json.contains("type") || !json["type"].is_string())
        return fail(ErrorCode::FileCorrupt, "A step has no type.", "Write each step as - {type: trim}.").in(where);
    Step step;
    step.type = json["type"];
    for (const auto& [key, value] : json.items()) {
        if (key == "enabled")
            step.isEnabled = value != false;
        else if (key != "type")
            step.options[key] = value;
    }
    if (findRule(step.type))
        return step;
    std::vector<std::string> types;
    for (const Rule* rule : all())
        types.emplace_back(rule->type);
    const std::string near = nearest(step.type, types);
    return fail(ErrorCode::FileCorrupt, fmt::format("Step {} has the unknown type \"{}\".", number, step.type),
        near.empty() ? fmt::format("Types are {}.", fmt::join(types, ", ")) : fmt::format("Did you mean \"{}\"?", near));
}

/// Options with defaults filled in. Errors name the option and the nearest one.
Result<Json> checkedOptions(const Rule& rule, const Step& step)
{
    Json options = Json::object();
    for (const auto& option : rule.options.options())
        options[option.key] = option.defaultValue;
    for (const auto& [key, given] : step.options.items()) {
        const Option* option = rule.options.find(key);
        if (!option) {
            const std::string near = rule.options.nearestKey(key);
            return fail(ErrorCode::FileCorrupt, fmt::format("{} has no option \"{}\".", rule.type, key), near.empty() ? std::string("See the manual for its options.") : fmt::format("Did you mean \"{}\"?", near));
        }
        Json value = given;
        if (option->type == OptionType::List && value.is_string())
            value = Json::array({value});
        if (const auto problem = rule.options.check(*option, value))
            return fail(ErrorCode::FileCorrupt, fmt::format("{}: {}", rule.type, problem->message), problem->hint);
        options[option->key] = std::move(value);
    }
    return options;
}

/// The rows as they are behind the edits of the first `steps` steps, thinned out by a selection.
class View : public RowSource
{
public:
    View(const RowSource& rows, const StepChain& chain, std::size_t steps, const Selection& selection)
        : m_rows(rows)
        , m_chain(chain)
        , m_steps(steps)
        , m_selection(selection)
    {
    }
    std::int64_t rows() const override { return static_cast<std::int64_t>(m_selection.size()); }
    const std::vector<Column>& columns() const override { return m_chain.columnsBefore(m_steps); }
    Status read(std::int64_t row, Row& out) const override
    {
        ATTUNE_RETURN_IF_ERROR(m_rows.read(m_selection[static_cast<std::size_t>(row)], out));
        m_chain.edit(out, m_steps);
        return {};
    }

private:
    const RowSource& m_rows;
    const StepChain& m_chain;
    std::size_t m_steps;
    const Selection& m_selection;
};

/// Steps first … last-1 are all row by row: one pass over the rows serves them all.
struct Pass {
    std::vector<std::atomic<std::int64_t>> in, out, changed, nanoseconds;
    explicit Pass(std::size_t n) : in(n), out(n), changed(n), nanoseconds(n) { }
};

Status runPass(const RowSource& rows, const StepChain& chain, std::size_t first, std::size_t last, Selection& selection, std::vector<StepReport>& reports, const JobContext& context)
{
    const auto begin = std::chrono::steady_clock::now();
    const auto total = static_cast<std::int64_t>(selection.size());
    const auto chunks = static_cast<std::size_t>((total + kChunkRows - 1) / kChunkRows);
    std::vector<Selection> kept(chunks);
    Pass pass(last - first);
    std::mutex mutex;
    std::optional<Error> problem;
    ATTUNE_RETURN_IF_ERROR(importer::forEachChunk(chunks, importer::workerCount(0), context, [&](std::size_t chunk, unsigned) {
        std::array<Row, kRowsAtOnce> block;
        std::vector<std::int64_t> in(last - first), out(last - first), changed(last - first);
        const std::int64_t end = std::min(total, static_cast<std::int64_t>(chunk + 1) * kChunkRows);
        for (std::int64_t i = static_cast<std::int64_t>(chunk) * kChunkRows; i < end; i += kRowsAtOnce) {
            const auto count = static_cast<std::size_t>(std::min<std::int64_t>(kRowsAtOnce, end - i));
            std::array<std::uint8_t, kRowsAtOnce> left {};  // places in the block of rows that no step dropped yet
            for (std::size_t r = 0; r < count; ++r) {
                if (auto status = rows.read(selection[static_cast<std::size_t>(i) + r], block[r]); !status) {
                    const std::lock_guard lock(mutex);
                    problem = status.error();
                    return;
                }
                chain.edit(block[r], first);
                left[r] = static_cast<std::uint8_t>(r);
            }
            std::size_t stays = count;
            for (std::size_t s = first; s < last; ++s) {
                in[s - first] += static_cast<std::int64_t>(stays);
                const auto& step = chain.step(s);
                std::size_t next = 0;
                for (std::size_t k = 0; k < stays; ++k) {
                    const Effect effect = step.apply(block[left[k]]);
                    changed[s - first] += effect == Effect::Changed;
                    left[next] = left[k];
                    next += effect != Effect::Dropped;
                }
                stays = next;
                out[s - first] += static_cast<std::int64_t>(stays);
            }
            for (std::size_t k = 0; k < stays; ++k)
                kept[chunk].push_back(selection[static_cast<std::size_t>(i) + left[k]]);
        }
        for (std::size_t s = 0; s < in.size(); ++s) {
            pass.in[s] += in[s];
            pass.out[s] += out[s];
            pass.changed[s] += changed[s];
        }
        context.report("Cleaning", chunk + 1, chunks);
    }));
    if (problem)
        return *problem;
    selection.clear();
    for (const auto& part : kept)
        selection.insert(selection.end(), part.begin(), part.end());
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    for (std::size_t s = 0; s < last - first; ++s)
        reports.push_back({chain.type(first + s), pass.in[s], pass.out[s], pass.changed[s], seconds / static_cast<double>(last - first)});
    return {};
}

}

Result<std::vector<Step>> parseSteps(const std::string& yaml)
{
    try {
        int budget = 200'000;
        const Json json = toJson(YAML::Load(yaml), budget);
        const Json* list = json.is_array() ? &json : json.is_object() && json.contains("steps") ? &json["steps"] : nullptr;
        if (list && list->is_null())
            return std::vector<Step>();
        if (!list || !list->is_array() || list->size() > kMostSteps)
            return fail(ErrorCode::FileCorrupt, "The file holds no list named steps.", "Write steps: and below it one - {type: …} a line.");
        std::vector<Step> steps;
        for (const auto& entry : *list) {
            ATTUNE_TRY(auto step, stepFrom(entry, steps.size() + 1));
            steps.push_back(std::move(step));
        }
        return steps;
    } catch (const YAML::Exception& e) {
        return fail(ErrorCode::FileCorrupt, fmt::format("The steps are not valid YAML (line {}).", e.mark.line + 1), "Check indentation, brackets and quotes there.");
    } catch (const std::exception&) {
        return fail(ErrorCode::FileCorrupt, "The steps are not valid YAML.", "Write steps: and below it one - {type: …} a line.");
    }
}

std::string toYaml(const std::vector<Step>& steps)
{
    // A JSON object is a YAML flow mapping: no quoting rules to get wrong.
    std::string yaml = steps.empty() ? "steps: []\n" : "steps:\n";
    for (const auto& step : steps) {
        Json line {{"type", step.type}};
        line.update(step.options);
        if (!step.isEnabled)
            line["enabled"] = false;
        yaml += "  - " + toLine(line) + "\n";
    }
    return yaml;
}

Result<StepChain> StepChain::prepare(const std::vector<Step>& steps, std::vector<Column> columns, const PrepareContext& context)
{
    StepChain chain;
    chain.m_columns.push_back(columns);
    for (std::size_t i = 0; i < steps.size(); ++i) {
        if (!steps[i].isEnabled)
            continue;
        const Rule* rule = findRule(steps[i].type);
        ATTUNE_CHECK(rule, "steps are checked when they are read");
        const std::string where = fmt::format("step {} ({})", i + 1, steps[i].type);
        auto options = checkedOptions(*rule, steps[i]);
        if (!options)
            return options.error().in(where);
        auto step = rule->prepare(*options, columns, context);
        if (!step)
            return step.error().in(where);
        chain.m_steps.push_back(std::move(*step));
        chain.m_types.push_back(steps[i].type);
        chain.m_columns.push_back(columns);
    }
    return chain;
}

void StepChain::edit(Row& row, std::size_t end) const
{
    for (std::size_t s = 0; s < end; ++s)
        if (m_steps[s]->isEdit())
            m_steps[s]->apply(row);
}

Result<StepsResult> runSteps(const RowSource& rows, const StepChain& chain, const JobContext& context)
{
    StepsResult result;
    result.selection.resize(static_cast<std::size_t>(rows.rows()));
    std::iota(result.selection.begin(), result.selection.end(), std::int64_t(0));
    std::size_t passBegin = 0;
    for (std::size_t s = 0; s <= chain.size(); ++s) {
        const auto begin = std::chrono::steady_clock::now();
        if (s < chain.size()) {
            // Asking with no rows tells the two kinds of steps apart without work.
            const Selection none;
            ATTUNE_TRY(const auto kind, chain.step(s).select(View(rows, chain, s, none), context));
            if (!kind)
                continue;
        }
        if (s > passBegin)
            ATTUNE_RETURN_IF_ERROR(runPass(rows, chain, passBegin, s, result.selection, result.reports, context));
        passBegin = s + 1;
        if (s == chain.size())
            break;
        const auto rowsIn = static_cast<std::int64_t>(result.selection.size());
        ATTUNE_TRY(const auto chosen, chain.step(s).select(View(rows, chain, s, result.selection), context));
        Selection next;
        next.reserve(chosen->size());
        for (const std::int64_t position : *chosen)
            next.push_back(result.selection[static_cast<std::size_t>(position)]);
        result.selection = std::move(next);
        result.reports.push_back({chain.type(s), rowsIn, static_cast<std::int64_t>(result.selection.size()), 0,
            std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count()});
    }
    return result;
}

}
