// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/json.h"
#include "base/progress.h"
#include "base/result.h"

#include <optional>
#include <string>
#include <vector>

namespace attune::pipeline {

/// One row of a benchmark's table: what Attune took and, where it is installed, a peer.
struct BenchmarkLine {
    std::string task, unit;  ///< "near-duplicates", "s"
    double attune = 0;
    std::string peer;        ///< "DuckDB", empty when there is none here
    std::optional<double> peerValue;
    std::string goal;
    Json toJson() const;     ///< {task, unit, attune, peer, peer_value, ratio, goal}
};

/// How a benchmark is run. Files are made in `folder` and removed; peers that `python` lacks are left out.
struct BenchmarkOptions {
    std::string folder;
    std::string python;
    std::string program;     ///< the attune to start runs with; for training
    std::string model;       ///< GGUF file or HF folder; for tokenizer and training
    std::string rows;        ///< JSON lines with question and answer; for tokenizer and training
    std::int64_t amount = 0; ///< rows of packing, megabytes of text, steps of training
    std::string dtype;             ///< of training; empty: what the processor is fastest with
    std::string method = "lora";   ///< of training: lora or full
};

/// Text to ids on one thread and on all, beside HF tokenizers' encode_batch on the same texts, and how many texts differ.
Result<std::vector<BenchmarkLine>> benchmarkTokenizer(const BenchmarkOptions& options, const JobContext& context);
/// Packing of `amount` rows with lengths like those of chat data into bins of 2 048 and 16 384 tokens, beside TRL's "bfd".
Result<std::vector<BenchmarkLine>> benchmarkPacking(const BenchmarkOptions& options, const JobContext& context);
/// LoRA of rank 16 on all linears (B = 8, max_length 512, packed) beside HF Trainer + PEFT on the same rows, step by step by turns, each in
/// a process of its own: useful and loss-bearing tokens/s, peak memory, the limit that this machine's matrix products set
/// (measured in between) and the share of it reached, time to the first step, pauses of checkpoints, cost of telemetry.
Result<std::vector<BenchmarkLine>> benchmarkTraining(const BenchmarkOptions& options, const JobContext& context);

}
