// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/sample.h"

#include "base/file.h"
#include "families/model_source.h"
#include "pipeline/dataset_jobs.h"
#include "store/store.h"

#include <QCoreApplication>

namespace attune::pages {

std::string sharePath()
{
    const std::string path = absolutePath(QCoreApplication::applicationDirPath().toStdString() + "/../share/attune");
    return fs::exists(path) ? path : std::string();
}

Status openSample(const std::string& workspace, const JobContext& context)
{
    const std::string share = sharePath();
    if (share.empty())
        return fail(ErrorCode::FileMissing, "The sample is not installed beside the program.", "Run packaging/run.sh once, or add a model and a file of your own.");
    ATTUNE_TRY(auto store, store::Store::open(workspace));
    ATTUNE_TRY(auto model, store->model(kSampleModel));
    if (!model) {
        ATTUNE_TRY(auto source, families::openModel(share + "/models/SmolLM2-135M-Instruct.Q4_1.gguf"));
        source.name = kSampleModel;
        store::ModelRow row;
        row.name = kSampleModel;
        row.path = source.path;
        row.created = store::nowUtc();
        row.info = source.toJson();
        row.info["bytes"] = source.bytes;
        row.info["stored_type"] = source.storedType;
        ATTUNE_RETURN_IF_ERROR(store->putModel(row));
    }
    ATTUNE_TRY(auto data, store->dataset(kSampleData));
    if (data)
        return {};
    auto report = pipeline::importDataset(*store, {share + "/datasets/gsm8k/train.jsonl"}, kSampleData, {}, false, context);
    return report ? Status() : Status(report.error());
}

}
