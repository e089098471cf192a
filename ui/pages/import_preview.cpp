// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/import_preview.h"

#include "bridge/text.h"
#include "importer/import.h"

#include <QCoreApplication>

#include <filesystem>

namespace attune::pages {
namespace {

constexpr std::size_t kMostPreviewed = 40;

}

Result<ImportPreview> previewFiles(const std::vector<std::string>& paths, const importer::ImportOptions& options)
{
    ImportPreview all;
    ATTUNE_TRY(all.files, importer::filesIn(paths));
    std::optional<Error> problem;
    bool isAny = false;
    for (std::size_t i = 0; i < all.files.size(); ++i) {
        std::error_code error;
        const auto bytes = std::filesystem::file_size(all.files[i], error);
        all.bytes += error ? 0 : bytes;
        if (i >= kMostPreviewed) {
            all.isWhole = false;
            continue;
        }
        auto preview = importer::previewFile(all.files[i], options);
        if (!preview) {
            if (!problem)
                problem = all.files.size() > 1 ? preview.error().in(std::filesystem::path(all.files[i]).filename().string()) : preview.error();
            continue;
        }
        all.rows += preview->isWhole ? preview->rows : preview->estimatedRows;
        all.isWhole = all.isWhole && preview->isWhole;
        all.skipped += preview->skipped;
        for (auto found : preview->problems) {
            found.file = all.files.size() > 1 ? all.files[i] : std::string();
            all.problems.push_back(std::move(found));
        }
        if (!isAny)
            all.first = std::move(*preview);
        isAny = true;
    }
    // One file that cannot be read keeps the others out as well: it is said before, not after.
    if (problem)
        return *problem;
    if (!isAny)
        return fail(ErrorCode::DatasetEmpty, "There is no file to add.", "Choose a file, or a folder with files.");
    return all;
}

QString roleWords(importer::ColumnRole role)
{
    using importer::ColumnRole;
    const auto tr = [](const char* text) { return QCoreApplication::translate("attune::pages::ImportDialog", text); };
    switch (role) {
    case ColumnRole::Ignore: return tr("not used");
    case ColumnRole::System: return tr("system");
    case ColumnRole::Prompt: return tr("prompt");
    case ColumnRole::Input: return tr("input");
    case ColumnRole::Completion: return tr("answer");
    case ColumnRole::Text: return tr("text");
    case ColumnRole::Label: return tr("label");
    case ColumnRole::Messages: return tr("messages");
    case ColumnRole::Chosen: return tr("chosen");
    case ColumnRole::Rejected: return tr("rejected");
    case ColumnRole::Tools: return tr("tools");
    }
    return {};
}

}
