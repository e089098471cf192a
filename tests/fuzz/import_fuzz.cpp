// SPDX-License-Identifier: GPL-3.0-or-later
// The whole way of a file into a dataset: encodings, compression, detection, roles, preview.
#include "fuzz/fuzz.h"

#include "importer/import.h"
#include "importer/preview.h"
#include "importer/source_dataset.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace attune;
    const std::string path = fuzz::writeScratch("file", fuzz::textOf(data, size)), folder = fuzz::scratchFolder() + "/index";
    importer::ImportOptions options;
    options.threads = 1;
    (void)importer::previewFile(path, options);
    const auto header = importer::importFiles({path}, folder, options, {});
    if (!header) {
        fuzz::require(!header.error().message.empty() && !header.error().hint.empty(), "an error says what and what to do");
        return 0;
    }
    const auto dataset = importer::SourceDataset::open("fuzz", folder);
    fuzz::require(dataset.has_value(), "what was imported can be opened");
    for (std::int64_t row = 0; row < (*dataset)->rows(); ++row) {
        fuzz::require((*dataset)->values(row).has_value(), "an imported row can be read");
        fuzz::require((*dataset)->record(row).has_value(), "an imported row has a record");
    }
    return 0;
}
