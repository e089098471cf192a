// SPDX-License-Identifier: GPL-3.0-or-later
#include "tokenizer/hf_parts.h"

#include "base/file.h"

#include <fmt/format.h>
#include <sentencepiece_processor.h>

namespace attune::tokenizer {
namespace {

/// A .model served by libsentencepiece itself.
class SentencePieceModel final : public TokenModel
{
public:
    explicit SentencePieceModel(std::shared_ptr<const sentencepiece::SentencePieceProcessor> processor) : m_processor(std::move(processor)) {}
    void encode(std::string_view text, Ids& ids) const override
    {
        const std::vector<int> found = m_processor->EncodeAsIds({text.data(), text.size()});
        ids.insert(ids.end(), found.begin(), found.end());
    }

private:
    std::shared_ptr<const sentencepiece::SentencePieceProcessor> m_processor;
};

}

Result<TokenizerParts> partsFromSentencePiece(const std::string& path, const HfConfig& config)
{
    ATTUNE_TRY(const auto bytes, readFile(path, 1u << 28));
    auto processor = std::make_shared<sentencepiece::SentencePieceProcessor>();
    if (const auto status = processor->LoadFromSerializedProto(bytes); !status.ok())
        return fail(ErrorCode::TokenizerBroken, fmt::format("The SentencePiece model cannot be read: {}.", status.ToString()), "Fetch the model's files again.");
    TokenizerParts parts;
    const int count = processor->GetPieceSize();
    parts.decodesPieces = parts.dropsFirstSpace = true;
    for (int id = 0; id < count; ++id) {
        const auto& piece = processor->IdToPiece(id);
        std::string text = piece;
        for (auto at = text.find("\xE2\x96\x81"); at != std::string::npos; at = text.find("\xE2\x96\x81", at + 1))
            text.replace(at, 3, " ");
        if (processor->IsByte(id))
            text = std::string(1, static_cast<char>(std::max(0, byteOfToken(piece))));
        parts.tokens.push_back(piece);
        parts.pieces.push_back(std::move(text));
    }
    parts.special.resize(parts.tokens.size());
    for (int id = 0; id < count; ++id)
        if (processor->IsControl(id) || processor->IsUnknown(id))
            parts.addToken({processor->IdToPiece(id), id, true, false, false, false, false});
    if (processor->bos_id() >= 0 && config.flag("add_bos_token", true))
        parts.prefix = {processor->bos_id()};
    if (processor->eos_id() >= 0 && config.flag("add_eos_token", false))
        parts.suffix = {processor->eos_id()};
    parts.startToken = processor->bos_id();
    parts.endToken = processor->eos_id();
    parts.model = std::make_shared<SentencePieceModel>(processor);
    parts.description = "sentencepiece";
    return parts;
}

}
