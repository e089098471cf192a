// SPDX-License-Identifier: GPL-3.0-or-later
// `bench tokenizer` and `bench packing`; see benchmark.h.
#include "base/file.h"
#include "base/random.h"
#include "formats/file_writer.h"
#include "pipeline/benchmark.h"
#include "pipeline/peer_process.h"
#include "tokenizer/packing.h"
#include "tokenizer/tokenizer.h"

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <thread>

namespace attune::pipeline {
namespace {

// argv: model (GGUF or folder), texts (JSON lines), ids (int32: count, ids of each text). Prints seconds and texts that differ.
constexpr const char* kHfTokenizers = R"py(import array, json, os, sys, time
os.environ["TOKENIZERS_PARALLELISM"] = "true"
model, texts, path = sys.argv[1:]
if model.endswith(".gguf"):
    from tokenizers import pre_tokenizers as pre
    from transformers import AutoTokenizer
    t = AutoTokenizer.from_pretrained(os.path.dirname(model), gguf_file=os.path.basename(model)).backend_tokenizer
    if "SmolLM" in model:  # transformers drops the digit split of tokenizer.ggml.pre = smollm
        t.pre_tokenizer = pre.Sequence([pre.Digits(individual_digits=True), pre.ByteLevel(add_prefix_space=False)])
else:
    from tokenizers import Tokenizer
    t = Tokenizer.from_file(model + "/tokenizer.json")
texts = [json.loads(l) for l in open(texts, encoding="utf-8")]
ids, at, wrong, seconds = array.array("i", open(path, "rb").read()), 0, 0, 0.0
for i in range(0, len(texts), 20000):
    part = texts[i:i + 20000]; begin = time.perf_counter()
    encoded = t.encode_batch(part, add_special_tokens=False)
    seconds += time.perf_counter() - begin
    for e in encoded:
        n = ids[at]; wrong += ids[at + 1:at + 1 + n].tolist() != e.ids; at += n + 1
print(seconds, wrong)
)py";

// argv: lengths (int32), capacity. Prints seconds and the number of bins.
constexpr const char* kTrl = R"py(import array, sys, time
import numpy as np, pyarrow as pa
from datasets import Dataset
from trl import pack_dataset
lengths = np.frombuffer(open(sys.argv[1], "rb").read(), dtype=np.int32); capacity = int(sys.argv[2])
offsets = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])
rows = Dataset(pa.table({"input_ids": pa.LargeListArray.from_arrays(offsets, np.zeros(offsets[-1], dtype=np.int32))}))
begin = time.perf_counter()
packed = pack_dataset(rows, capacity, "bfd")
print(time.perf_counter() - begin, len(packed))
)py";

constexpr std::int64_t kPeerRows = 200'000;  // TRL needs minutes for ten million

template<typename Work>
double secondsOf(Work&& work)
{
    const auto begin = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

/// The shortest of a few tries: the one that other programs disturbed least.
template<typename Work>
double bestOf(int tries, Work&& work)
{
    double best = secondsOf(work);
    for (int i = 1; i < tries; ++i)
        best = std::min(best, secondsOf(work));
    return best;
}

/// Texts of the rows' sentences in a new order, with new numbers in half of them, so that few words are all alike.
Result<std::vector<std::string>> recombined(const std::string& rows, std::int64_t megabytes)
{
    ATTUNE_TRY(const auto text, readFile(rows, std::size_t(1) << 28));
    std::vector<std::string> sentences;
    for (std::size_t begin = 0; begin < text.size();) {
        const auto end = std::min(text.find('\n', begin), text.size());
        if (const auto row = parseJson(text.substr(begin, end - begin)); row && row->is_object())
            for (const auto& [key, value] : row->items())
                for (std::size_t at = 0; value.is_string() && at < value.get_ref<const std::string&>().size();) {
                    const auto& whole = value.get_ref<const std::string&>();
                    const auto stop = std::min(whole.find_first_of(".?!\n", at), whole.size() - 1);
                    sentences.push_back(whole.substr(at, stop + 1 - at));
                    at = whole.find_first_not_of(' ', stop + 1);
                }
        begin = end + 1;
    }
    if (sentences.empty())
        return fail(ErrorCode::DatasetEmpty, fmt::format("{} holds no text.", rows));
    SplitMix64 random(99);
    std::vector<std::string> texts;
    for (std::int64_t size = 0; size < megabytes * 1'000'000; size += static_cast<std::int64_t>(texts.back().size())) {
        auto& made = texts.emplace_back();
        for (auto n = 3 + random.below(10); n > 0; --n)
            made += (made.empty() ? "" : " ") + sentences[random.below(sentences.size())];
        if (random.below(2) == 0)
            for (auto& c : made)
                c = c >= '0' && c <= '9' ? static_cast<char>('0' + random.below(10)) : c;
    }
    return texts;
}

using Ids = std::vector<std::vector<std::int32_t>>;

void encodeAll(const tokenizer::Tokenizer& tokenizer, const std::vector<std::string>& texts, Ids& ids, unsigned threads)
{
    constexpr std::size_t kChunk = 256;
    std::atomic<std::size_t> next {0};
    const auto work = [&] {
        for (std::size_t begin = 0; (begin = next.fetch_add(kChunk)) < texts.size();)
            for (std::size_t i = begin; i < std::min(begin + kChunk, texts.size()); ++i) {
                ids[i].clear();
                tokenizer.encode(texts[i], tokenizer::SpecialTokens::Omit, ids[i]);
            }
    };
    std::vector<std::jthread> workers;
    for (unsigned i = 1; i < threads; ++i)
        workers.emplace_back(work);
    work();
}

Status writeForPeer(const std::string& folder, const std::vector<std::string>& texts, const Ids& ids)
{
    ATTUNE_TRY(auto lines, formats::FileWriter::create(folder + "/texts.jsonl"));
    for (const auto& text : texts)
        lines.write(toLine(Json(text)) + "\n");
    ATTUNE_RETURN_IF_ERROR(lines.commit());
    ATTUNE_TRY(auto binary, formats::FileWriter::create(folder + "/ids.bin"));
    for (const auto& row : ids) {
        const auto count = static_cast<std::int32_t>(row.size());
        binary.write({reinterpret_cast<const char*>(&count), sizeof count});
        binary.write({reinterpret_cast<const char*>(row.data()), row.size() * sizeof(std::int32_t)});
    }
    return binary.commit();
}

Result<std::vector<BenchmarkLine>> measureTokenizer(const BenchmarkOptions& options, const JobContext& context)
{
    context.report("Making texts", 0, 1);
    ATTUNE_TRY(const auto tokenizer, tokenizer::loadTokenizer(options.model));
    ATTUNE_TRY(const auto texts, recombined(options.rows, options.amount));
    double megabytes = 0;
    for (const auto& text : texts)
        megabytes += static_cast<double>(text.size()) / 1e6;
    Ids ids(texts.size());
    const unsigned threads = std::max(1u, std::thread::hardware_concurrency());
    const double all = bestOf(3, [&] { encodeAll(*tokenizer, texts, ids, threads); });
    const double one = bestOf(2, [&] { encodeAll(*tokenizer, texts, ids, 1); });
    ATTUNE_RETURN_IF_ERROR(writeForPeer(options.folder, texts, ids));
    const auto peer = askPeer(options.python, options.folder, kHfTokenizers, {options.model, options.folder + "/texts.jsonl", options.folder + "/ids.bin"}, context);
    const bool hasPeer = peer && peer->numbers.size() == 2;
    const auto peerRate = hasPeer ? std::optional(megabytes / peer->numbers[0]) : std::nullopt;
    std::vector<BenchmarkLine> lines {{fmt::format("text to ids, {} threads", threads), "MB/s", megabytes / all, hasPeer ? "HF tokenizers" : "", peerRate, "at least 30 times HF tokenizers"},
        {"text to ids, one thread", "MB/s", megabytes / one, "", {}, ""}};
    if (hasPeer)
        lines.push_back({"texts whose ids differ", "", peer->numbers[1], "", {}, "0"});
    return lines;
}

/// Lengths like those of chat data: a log-normal with mean 160 and a long tail, cut at 2 048.
std::vector<std::int32_t> chatLengths(std::int64_t rows)
{
    SplitMix64 random(3);
    const auto uniform = [&] { return (static_cast<double>(random.next() >> 11) + 0.5) * 0x1p-53; };
    std::vector<std::int32_t> lengths(static_cast<std::size_t>(rows));
    for (auto& length : lengths) {
        const double normal = std::sqrt(-2 * std::log(uniform())) * std::cos(6.283185307179586 * uniform());
        length = static_cast<std::int32_t>(std::clamp(std::exp(4.9 + 0.6 * normal), 8.0, 2048.0));
    }
    return lengths;
}

Result<std::vector<BenchmarkLine>> measurePacking(const BenchmarkOptions& options, const JobContext& context)
{
    context.report("Making lengths", 0, 1);
    const auto lengths = chatLengths(options.amount);
    double tokens = 0;
    for (const auto length : lengths)
        tokens += length;
    const std::span<const std::int32_t> few = std::span(lengths).first(std::min(lengths.size(), static_cast<std::size_t>(kPeerRows)));
    ATTUNE_RETURN_IF_ERROR(writeFileAtomically(options.folder + "/lengths.bin", std::string(reinterpret_cast<const char*>(few.data()), few.size_bytes())));
    std::vector<BenchmarkLine> lines;
    for (const std::int64_t capacity : {2048, 16384}) {
        std::size_t bins = 0;
        const double seconds = bestOf(3, [&] { bins = tokenizer::packBestFit(lengths, capacity).size(); });
        const auto peer = askPeer(options.python, options.folder, kTrl, {options.folder + "/lengths.bin", std::to_string(capacity)}, context);
        const auto scaled = peer ? std::optional(peer->numbers[0] * static_cast<double>(lengths.size()) / static_cast<double>(few.size())) : std::nullopt;
        lines.push_back({fmt::format("rows into bins of {} tokens", capacity), "s", seconds, peer ? fmt::format("TRL bfd, from {} rows", few.size()) : "", scaled,
            fmt::format("at most {:.2g} s", 0.2e-7 * static_cast<double>(options.amount))});
        const double fill = 100 * tokens / static_cast<double>(capacity) / static_cast<double>(std::max<std::size_t>(1, bins));
        lines.push_back({fmt::format("fill of bins of {} tokens", capacity), "%", fill, "", {}, "at least 99.9 %"});
    }
    return lines;
}

/// Runs a benchmark in a folder of its own, which is gone afterwards.
template<typename Measure>
Result<std::vector<BenchmarkLine>> inFolder(const BenchmarkOptions& options, const JobContext& context, Measure&& measure)
{
    ATTUNE_RETURN_IF_ERROR(makeFolder(options.folder));
    auto lines = measure(options, context);
    std::error_code ignored;
    fs::remove_all(options.folder, ignored);
    return lines;
}

}

Json BenchmarkLine::toJson() const
{
    Json json {{"task", task}, {"unit", unit}, {"attune", attune}, {"peer", peer}, {"peer_value", nullptr}, {"ratio", nullptr}, {"goal", goal}};
    if (peerValue) {
        json["peer_value"] = *peerValue;
        json["ratio"] = attune / *peerValue;
    }
    return json;
}

Result<std::vector<BenchmarkLine>> benchmarkTokenizer(const BenchmarkOptions& options, const JobContext& context)
{
    return inFolder(options, context, measureTokenizer);
}

Result<std::vector<BenchmarkLine>> benchmarkPacking(const BenchmarkOptions& options, const JobContext& context)
{
    return inFolder(options, context, measurePacking);
}

}
