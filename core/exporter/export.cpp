// SPDX-License-Identifier: GPL-3.0-or-later
#include "exporter/export.h"

#include "base/file.h"
#include "base/hash.h"
#include "exporter/target.h"
#include "exporter/verify.h"
#include "families/adapter.h"
#include "model/device.h"
#include "model/errors.h"
#include "tokenizer/chat_template.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

namespace attune::exporter {
namespace {

/// The export's files, sorted by name; a file stands for itself.
std::vector<std::string> filesOf(const std::string& path)
{
    std::vector<std::string> files;
    std::error_code ignored;
    if (!fs::is_directory(path, ignored))
        return {path};
    for (const auto& entry : fs::recursive_directory_iterator(path, ignored))
        if (entry.is_regular_file())
            files.push_back(entry.path().string());
    std::sort(files.begin(), files.end());
    return files;
}

/// A file's own hash; of a folder, the hash of its files' names and hashes, as sha256sum lists them.
Status measure(const std::string& path, pipeline::ExportReport& report)
{
    const auto files = filesOf(path);
    std::string list;
    for (const auto& file : files) {
        std::error_code ignored;
        report.bytes += fs::file_size(file, ignored);
        ATTUNE_TRY(const auto hash, sha256OfFile(file));
        if (files.size() == 1 && file == path)
            report.sha256 = hash;
        list += fmt::format("{}  {}\n", hash, fs::relative(file, path).string());
    }
    if (report.sha256.empty())
        report.sha256 = sha256(list);
    return {};
}

Status moveOnto(const std::string& from, const std::string& to)
{
    std::error_code error;
    if (fs::is_directory(from, error) && fs::exists(to, error)) {
        // An earlier export lies there: its files are replaced one by one, others stay.
        for (const auto& file : filesOf(from)) {
            const fs::path target = fs::path(to) / fs::relative(file, from);
            ATTUNE_RETURN_IF_ERROR(makeFolder(target.parent_path().string()));
            fs::rename(file, target, error);
            if (error)
                return failSystem(target.string(), "write", error.value());
        }
        fs::remove_all(from, error);
        return {};
    }
    fs::rename(from, to, error);
    if (error)
        return failSystem(to, "write", error.value());
    return syncFolder(fs::path(to).parent_path().string());
}

Status checkOut(const Target& target, const std::string& out)
{
    std::error_code ignored;
    if (out.empty())
        return fail(ErrorCode::Usage, "No place to export to was given.", "Name it with --out.");
    if (!target.isFolder && fs::is_directory(out, ignored))
        return fail(ErrorCode::Usage, fmt::format("{} is a folder; {} is one file.", out, target.displayName), "Give the name of the file.");
    if (target.isFolder && fs::exists(out, ignored) && !fs::is_directory(out, ignored))
        return fail(ErrorCode::Usage, fmt::format("{} is a file; {} is a folder.", out, target.displayName), "Give the name of a folder.");
    return makeFolder(fs::path(out).parent_path().string());
}

void removeAll(const std::string& path)
{
    std::error_code ignored;
    if (!path.empty())
        fs::remove_all(path, ignored);
}

Result<pipeline::ExportReport> run(const pipeline::ExportRequest& request, const JobContext& context)
{
    const Target* target = findById(request.target);
    if (!target) {
        std::vector<std::string> ids;
        for (const Target* known : all())
            ids.push_back(known->id);
        return fail(ErrorCode::Usage, fmt::format("\"{}\" is no export target.", request.target), fmt::format("One of: {}.", fmt::join(ids, ", ")));
    }
    const std::string out = absolutePath(request.out), temporary = out + ".unverified";
    ATTUNE_RETURN_IF_ERROR(checkOut(*target, request.out.empty() ? std::string() : out));
    ATTUNE_TRY(auto source, Source::open(request));
    if (const auto reason = source.adapter() && target->id != "peft" ? families::reasonAgainstMerging(*source.adapter()) : std::string(); !reason.empty())
        return fail(ErrorCode::Unsupported, reason, "attune export peft");
    if (!target->takesLabels) {
        ATTUNE_TRY(const auto head, source.head());
        if (head.isThere())
            return fail(ErrorCode::Unsupported, fmt::format("The run answers with {}, for which {} has no place.", head.problemType == "regression" ? "a number" : "labels", target->displayName),
                "Use attune export peft or merged.");
    }
    removeAll(temporary);
    auto written = target->write(source, temporary, context);
    if (!written) {
        removeAll(temporary);
        return written.error();
    }
    pipeline::ExportReport report;
    report.path = out;
    if (request.verify) {
        const auto status = verify(source, *written, report, context);
        removeAll(written->temporary);
        if (!status) {
            if (status.error().code != ErrorCode::VerificationFailed)
                removeAll(temporary);
            return status.error();
        }
    }
    removeAll(written->temporary);
    ATTUNE_RETURN_IF_ERROR(measure(temporary, report));
    ATTUNE_RETURN_IF_ERROR(moveOnto(temporary, out));
    return report;
}

}

const Target* findById(std::string_view id)
{
    for (const Target* target : all())
        if (target->id == id)
            return target;
    return nullptr;
}

Result<Source> Source::open(const pipeline::ExportRequest& request)
{
    Source source;
    source.m_request = request;
    std::error_code ignored;
    source.m_isFullModel = fs::is_directory(request.checkpoint + "/model", ignored);
    source.m_weights = request.checkpoint + (source.m_isFullModel ? "/model" : "/adapter");
    if (!fs::is_directory(source.m_weights, ignored))
        return fail(ErrorCode::CheckpointMissing, fmt::format("{} holds neither an adapter nor a model.", request.checkpoint), "Choose another checkpoint of the run.");
    if (!source.m_isFullModel) {
        ATTUNE_TRY(source.m_adapter, families::readAdapter(source.m_weights, request.base));
    }
    return source;
}

Result<const TrainedModel*> Source::trained(const JobContext& context)
{
    if (m_trained)
        return &*m_trained;
    context.report("Loading the run", 0, 0);
    families::ModelSource source = base();
    if (m_isFullModel) {
        ATTUNE_TRY(source, families::openModel(m_weights));
    }
    ATTUNE_TRY(m_trained, loadTrained(source, m_isFullModel ? std::string() : m_weights, context));
    return &*m_trained;
}

bool Source::isRounded() const
{
    return !m_isFullModel && (heldType() != "float32" || heldBlocks() != "none");
}

Result<TrainedModel> Source::asTrained(const JobContext& context) const
{
    context.report("Loading the run as it was trained", 0, 0);
    return loadTrained(base(), m_weights, context, heldType(), heldBlocks());
}

std::string Source::heldType() const
{
    const std::string dtype = m_request.recipe.text("model.dtype");
    if (dtype != "auto")
        return dtype;
    const auto device = model::resolveDevice(m_request.recipe.text("runtime.device")).value_or(at::Device(at::kCPU));
    const bool isExact = m_request.recipe.text("model.quantization") == "keep" && device.is_cpu();  // as loading does
    return !isExact && model::hasBfloat16(device) ? "bfloat16" : "float32";
}

std::string Source::heldBlocks() const
{
    const std::string quantization = m_request.recipe.text("model.quantization");
    // A GGUF file's own blocks hold exactly the values that trained() reads from them.
    return quantization.empty() || quantization == "keep" ? "none" : quantization;
}

Result<families::TaskHead> Source::head() const
{
    if (!m_isFullModel) {
        ATTUNE_TRY(auto head, families::headOfAdapter(m_weights));
        return head.isThere() ? head : families::headOfModel(base());
    }
    ATTUNE_TRY(const auto model, families::openModel(m_weights));
    return families::headOfModel(model);
}

Result<std::optional<std::string>> Source::chatTemplate() const
{
    const std::string choice = m_request.recipe.text("data.template");
    if (choice.empty() || choice == "model" || choice == "none")
        return tokenizer::readModelTemplate(base().path);
    if (std::string text = tokenizer::builtinTemplate(choice); !text.empty())
        return std::optional(std::move(text));
    ATTUNE_TRY(auto text, readFile(choice, 16 << 20));
    return std::optional(std::move(text));
}

Result<pipeline::ExportReport> exportRun(const pipeline::ExportRequest& request, const JobContext& context)
{
    return model::guarded([&] { return run(request, context); });
}

}
