// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/progress.h"
#include "importer/dataset.h"
#include "tokenizer/render.h"
#include "tokenizer/shard.h"

#include <string>
#include <vector>

namespace attune::tokenizer {

/// What tokenisation did to a dataset.
struct TokenizeReport {
    struct Dropped {
        std::string reason;                ///< one sentence
        std::int64_t count = 0;
        std::vector<std::int64_t> sample;  ///< up to ten row numbers, the lowest
        std::string sentence() const;      ///< "3 rows: The row has no rejected answer. (rows 4, 17, 20)"
    };
    struct Bucket {
        std::int64_t from = 0;  ///< tokens, inclusive
        std::int64_t rows = 0;
    };
    std::int64_t rowsIn = 0;
    std::int64_t rows = 0;
    std::int64_t tokens = 0;
    std::int64_t trainedTokens = 0;
    std::int64_t truncatedRows = 0;
    std::int64_t p50 = 0, p95 = 0, longest = 0;  ///< tokens per row, after cutting
    std::vector<Dropped> dropped;
    std::vector<Bucket> histogram;  ///< powers of two
    bool fromCache = false;

    double trainedShare() const { return tokens ? static_cast<double>(trainedTokens) / static_cast<double>(tokens) : 0.0; }
    Json toJson() const;
    static Result<TokenizeReport> fromJson(const Json& json);
};

struct TokenizedDataset {
    TokenShard shard;
    TokenizeReport report;
    std::string path;  ///< of the shard
};

struct TokenizeJob {
    importer::DatasetPtr dataset;
    std::shared_ptr<const Tokenizer> tokenizer;
    std::string tokenizerHash;           ///< of the model's tokenizer files: see hashOfTokenizer()
    const ChatTemplate* chat = nullptr;  ///< null: template none
    RenderOptions options;
    std::string cacheFolder;             ///< the workspace's cache/tokens
    std::vector<std::int64_t> rows;      ///< only these rows, ascending; empty = all
};

/// Changes when the tokenizer's files do (a GGUF's metadata; the tokenizer files of a folder).
Result<std::string> hashOfTokenizer(const std::string& modelPath);

/// Tokenises a dataset on all cores into `<cacheFolder>/<hash>/tokens.bin`, or opens what an earlier call
/// with the same content, tokenizer, template and options left there. Rows keep their order. A row that
/// cannot be used is left out, counted and named. Errors: NothingTrained when no row is left, DiskFull,
/// Cancelled, those of reading the dataset.
Result<TokenizedDataset> tokenizeDataset(const TokenizeJob& job, const JobContext& context);

}
