// SPDX-License-Identifier: GPL-3.0-or-later
#include "tokenizer/pretokenizer_gguf.h"

#include <fmt/format.h>

#include <array>
#include <initializer_list>

// The patterns are those of the models' own tokenizer.json files in the form in which llama.cpp b-series
// (0.3.36 of its Python package, src/llama-vocab.cpp) applies them; ids must equal its ids.
namespace attune::tokenizer {
namespace {

using Scanner = PreTokenizer::Scanner;

#define ATTUNE_CONTRACTIONS "'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD]"
#define ATTUNE_WORD "[^\\r\\n\\p{L}\\p{N}]?\\p{L}+"
#define ATTUNE_OTHER " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*"
#define ATTUNE_SPACES "\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"
#define ATTUNE_GPT2 "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)"
#define ATTUNE_KANA_HAN "[\\x{4E00}-\\x{9FA5}\\x{3040}-\\x{309F}\\x{30A0}-\\x{30FF}]+"
#define ATTUNE_PUNCTUATED "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\\r\\n]*|" ATTUNE_SPACES
#define ATTUNE_UPPER "(?:(?=\\p{L})[^a-z])"
#define ATTUNE_LOWER "(?:(?=\\p{L})[^A-Z])"
#define ATTUNE_LEAD "[^\\r\\n\\p{L}\\p{N}]?"
#define ATTUNE_CASED(upper, lower, suffix) ATTUNE_LEAD upper "*" lower "+" suffix "|" ATTUNE_LEAD upper "+" lower "*" suffix
#define ATTUNE_SLASHED "\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|" ATTUNE_SPACES
/// Groups of three digits from the right; what stands before the first group goes with it, as in llama.cpp.
#define ATTUNE_DIGIT_GROUPS "\\P{N}*\\p{N}{1,3}(?=(?:\\p{N}{3})*(?!\\p{N}))"
#define ATTUNE_HAN "[\\x{4E00}-\\x{9FFF}\\x{3400}-\\x{4DBF}\\x{20000}-\\x{2A6DF}\\x{2A700}-\\x{2B73F}\\x{2B740}-\\x{2B81F}\\x{2B820}-\\x{2EBEF}\\x{F900}-\\x{FAFF}\\x{2F800}-\\x{2FA1F}]"
#define ATTUNE_BLOOM " ?[^(\\s|.,!?\\x{2026}\\x{3002}\\x{FF0C}\\x{3001}\\x{964}\\x{6D4}\\x{60C})]+"

/// Letters of the scripts with case, as the pattern of deepseek-llm lists them.
constexpr const char* kCasedLetters
    = "A-Za-z"
    "\\x{B5}\\x{C0}-\\x{D6}\\x{D8}-\\x{F6}\\x{F8}-\\x{1BA}\\x{1BC}-\\x{1BF}\\x{1C4}-\\x{293}\\x{295}-\\x{2AF}\\x{370}-\\x{373}\\x{376}"
    "\\x{377}\\x{37B}-\\x{37D}\\x{37F}\\x{386}\\x{388}-\\x{38A}\\x{38C}\\x{38E}-\\x{3A1}\\x{3A3}-\\x{3F5}\\x{3F7}-\\x{481}"
    "\\x{48A}-\\x{52F}\\x{531}-\\x{556}\\x{10A0}-\\x{10C5}\\x{13A0}-\\x{13F5}\\x{13F8}-\\x{13FD}\\x{1C90}-\\x{1CBA}\\x{1CBD}-\\x{1CBF}"
    "\\x{1D00}-\\x{1D2B}\\x{1D6B}-\\x{1D77}\\x{1D79}-\\x{1D9A}\\x{1E00}-\\x{1F15}\\x{1F18}-\\x{1F1D}\\x{1F20}-\\x{1F45}"
    "\\x{1F48}-\\x{1F4D}\\x{1F50}-\\x{1F57}\\x{1F59}\\x{1F5B}\\x{1F5D}\\x{1F5F}-\\x{1F7D}\\x{1F80}-\\x{1FB4}\\x{1FB6}-\\x{1FBC}"
    "\\x{1FBE}\\x{1FC2}-\\x{1FC4}\\x{1FC6}-\\x{1FCC}\\x{1FD0}-\\x{1FD3}\\x{1FD6}-\\x{1FDB}\\x{1FE0}-\\x{1FEC}\\x{1FF2}-\\x{1FF4}"
    "\\x{1FF6}-\\x{1FFC}\\x{2102}\\x{2107}\\x{210A}-\\x{2113}\\x{2115}\\x{2119}-\\x{211D}\\x{2124}\\x{2126}\\x{2128}\\x{212A}-\\x{212D}"
    "\\x{212F}-\\x{2134}\\x{2139}\\x{213C}-\\x{213F}\\x{2145}-\\x{2149}\\x{214E}\\x{2183}\\x{2184}\\x{2C00}-\\x{2C7B}"
    "\\x{2C7E}-\\x{2CE4}\\x{2CEB}-\\x{2CEE}\\x{2CF2}\\x{2CF3}\\x{A640}-\\x{A66D}\\x{A680}-\\x{A69B}\\x{A722}-\\x{A76F}"
    "\\x{A771}-\\x{A787}\\x{A78B}-\\x{A78E}\\x{AB70}-\\x{ABBF}\\x{FB00}-\\x{FB06}\\x{FB13}-\\x{FB17}\\x{FF21}-\\x{FF3A}"
    "\\x{FF41}-\\x{FF5A}\\x{10400}-\\x{1044F}\\x{104B0}-\\x{104D3}\\x{104D8}-\\x{104FB}\\x{10C80}-\\x{10CB2}\\x{10CC0}-\\x{10CF2}"
    "\\x{118A0}-\\x{118DF}\\x{1E900}-\\x{1E943}";

const std::vector<GgufPreKind>& table()
{
    static const std::vector<GgufPreKind> kinds {
        {{"default"}, {"[\\p{P}\\$\\+<=>\\^~\\|]+", ATTUNE_GPT2, "\\p{N}+", "[0-9][0-9][0-9]"}},
        {{"llama3", "llama-v3", "llama-bpe", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2", "jina-v5-nano"}, {},
            {.scanner = Scanner::Llama3, .ignoresMerges = true, .addsStart = true}},
        {{"dbrx", "smaug-bpe", "chatglm-bpe"}, {}, {.scanner = Scanner::Llama3}},
        {{"glm4", "glm5"}, {}, {.scanner = Scanner::Llama3, .ignoresMerges = true}},
        {{"qwen2", "deepseek-r1-qwen", "kormo", "f2llmv2", "stablelm2", "megrez", "hunyuan", "solar-open", "grok-2"}, {}, {.scanner = Scanner::Qwen2}},
        {{"qwen35"}, {}, {.scanner = Scanner::Qwen35}},
        {{"gpt-2", "phi-2", "jina-es", "jina-de", "gigachat", "jina-v2-es", "jina-v2-de", "a.x-4.0", "mellum", "modern-bert", "mpt", "olmo", "jais",
             "trillion", "granite-docling", "exaone4", "jina-v1-en", "jina-v2-code", "roberta-bpe"}, {}, {.scanner = Scanner::Gpt2}},
        {{"starcoder", "refact", "command-r", "smollm", "codeshell", "exaone", "minerva-7b", "mellum2"}, {}, {.scanner = Scanner::Gpt2Numbers}},
        {{"minicpm5"}, {"\\p{N}{1,3}", ATTUNE_CONTRACTIONS "|" ATTUNE_WORD "|\\p{N}+|" ATTUNE_OTHER "|" ATTUNE_SPACES}, {.ignoresMerges = true}},
        {{"jais-2"}, {ATTUNE_CONTRACTIONS "|" ATTUNE_WORD "|\\p{N}{1,3}|" ATTUNE_OTHER "|\\s*[\\r\\n]+|\\s{512}(?!\\S)|\\s{256}(?!\\S)|\\s{128}(?!\\S)"
            "|\\s{64}(?!\\S)|\\s{32}(?!\\S)|\\s{16}(?!\\S)|\\s{8}(?!\\S)|\\s{4}(?!\\S)|\\s{1,2}(?!\\S)|\\s{1}"}},
        {{"deepseek-llm"}, {"[\r\n]", std::string("\\s?[") + kCasedLetters + "]+", "\\s?[!-/:-~\\x{FF01}-\\x{FF0F}\\x{FF1A}-\\x{FF5E}\\x{2018}-\\x{201F}\\x{3000}-\\x{3002}]+", "\\s+$",
            "[\\x{4E00}-\\x{9FA5}\\x{800}-\\x{4E00}\\x{AC00}-\\x{D7FF}]+", "\\p{N}+"}},
        {{"deepseek-coder"}, {"[\r\n]", "\\s?\\p{L}+", "\\s?\\p{P}+", "[\\x{4E00}-\\x{9FA5}\\x{800}-\\x{4E00}\\x{AC00}-\\x{D7FF}]+", "\\p{N}"}},
        {{"deepseek-v3", "hunyuan-dense", "joyai-llm", "hy_v4"}, {"\\p{N}{1,3}", ATTUNE_KANA_HAN, ATTUNE_PUNCTUATED}},
        {{"spark2_5"}, {"\\p{N}{1,3}", ATTUNE_KANA_HAN,
            "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+|[\r\n]|\\s+(?!\\S)|\\s+", "\\p{N}"}},
        {{"youtu"}, {"[\\x{AC00}-\\x{D7A3}\\x{3131}-\\x{318E}]+|[\\x{FF01}\\x{2026}\\x{201C}\\x{201D}\\x{2018}\\x{2019}\\x{2014}\\x{FF1A}\\x{FF1B}\\x{FF0C}\\x{3001}-\\x{303F}\\x{FE30}-\\x{FE4F}]+|[\\x{3105}-\\x{312F}]+|[\\x{4E00}-\\x{9FA5}\\x{3040}-\\x{309F}\\x{30A0}-\\x{30FF}]+",
            ATTUNE_LEAD "[\\p{L}\\p{M}]+(?:" ATTUNE_CONTRACTIONS ")?|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|" ATTUNE_SPACES}, {.ignoresMerges = true}},
        {{"falcon"}, {"[\\p{P}\\$\\+<=>\\^~\\|`]+", ATTUNE_GPT2, "[0-9][0-9][0-9]"}},
        {{"poro-chat", "bloom", "gpt3-finnish"}, {ATTUNE_BLOOM}},
        {{"viking"}, {ATTUNE_BLOOM, "\\p{N}"}},
        {{"tekken"}, {ATTUNE_CASED(ATTUNE_UPPER, ATTUNE_LOWER, "") "|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|" ATTUNE_SPACES},
            {.ignoresMerges = true, .addsStart = true}},
        {{"chameleon"}, {"<sentinel:[0-9]+>", "(IMGIMG)((A|B|C|D|E|F|G|H|I){1,4})Z", "([\\t\\n]|    |  )", "\\p{N}",
            "[\\p{P}!-/:-@\\[-`{-~]", ATTUNE_GPT2}, {.addsStart = true}},
        {{"gpt-4o", "llama4", "kanana2", "talkie", "minimax-m2"}, {ATTUNE_CASED(ATTUNE_UPPER, ATTUNE_LOWER, "(?:" ATTUNE_CONTRACTIONS ")?") "|" ATTUNE_SLASHED}},
        {{"granite-embed-multi-97m"}, {ATTUNE_CASED("(?:(?=[\\p{L}\\p{M}])[^a-z])", "(?:(?=[\\p{L}\\p{M}])[^A-Z])", "(?:" ATTUNE_CONTRACTIONS ")?") "|" ATTUNE_SLASHED},
            {.ignoresMerges = true}},
        {{"tiny_aya", "cohere2moe"}, {ATTUNE_DIGIT_GROUPS, ATTUNE_LEAD "[\\p{L}\\p{M}]+(?:" ATTUNE_CONTRACTIONS ")?|" ATTUNE_SLASHED}},
        {{"kimi-k2"}, {ATTUNE_HAN "+|" ATTUNE_LEAD "(?:(?!" ATTUNE_HAN ")\\p{L})+(?:" ATTUNE_CONTRACTIONS ")?|\\p{N}{1,3}|" ATTUNE_OTHER "|" ATTUNE_SPACES}},
        {{"superbpe"}, {"\\p{N}+", "(?=([0-9]{3})+(?![0-9]))"}},
        {{"bailingmoe", "bailingmoe2", "llada-moe"}, {"'(?:[sSdDmMtT]|[lL][lL]|[vV][eE]|[rR][eE])|" ATTUNE_WORD "|\\p{N}|" ATTUNE_OTHER "|\\s*[\\r\\n]|\\s+(?!\\S)|\\s+"}},
        {{"seed-coder"}, {ATTUNE_CONTRACTIONS "|" ATTUNE_WORD "|\\p{N}| ?[^\\s\\p{L}\\p{N}\\r\\n]+|" ATTUNE_SPACES}},
        {{"ufakzeka"}, {ATTUNE_WORD "|\\p{N}|" ATTUNE_OTHER "|" ATTUNE_SPACES}},
        {{"afmoe"}, {ATTUNE_DIGIT_GROUPS, "[\\x{4E00}-\\x{9FFF}\\x{3400}-\\x{4DBF}\\x{8C48}-\\x{FAFF}\\x{3040}-\\x{309F}\\x{30A0}-\\x{30FF}\\x{FF65}-\\x{FF9F}\\x{2F00}-\\x{2FDF}\\x{E40}-\\x{E7F}\\x{E80}-\\x{EFF}\\x{1780}-\\x{17FF}\\x{1000}-\\x{109F}\\x{AA60}-\\x{AA7F}\\x{A9E0}-\\x{A9FF}\\x{AC00}-\\x{D7AF}\\x{1100}-\\x{11FF}]+", ATTUNE_PUNCTUATED}},
        {{"laguna"}, {"[^\\n]+|[\\n]+", ATTUNE_CONTRACTIONS "|" ATTUNE_WORD "|\\p{N}|" ATTUNE_OTHER "|" ATTUNE_SPACES}},
        {{"exaone-moe"}, {ATTUNE_CONTRACTIONS "|" ATTUNE_LEAD "(?:\\p{L}\\p{M}*(?: \\p{L}\\p{M}*)*)+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]?|\\s*[\\r\\n]|\\s+(?!\\S)|\\s+"}},
        {{"gemma4", "granite-embed-multi-311m"}, {"[^\\n]+|[\\n]+"}, {.addsStart = true, .isByteLevel = false, .escapesSpaces = true}},
        {{"sarvam-moe"}, {"[^\\n]+|[\\n]+"}, {.isByteLevel = false, .escapesSpaces = true}},
        {{"whitespace"}, {"\\S+"}, {.isByteLevel = false}},
    };
    return kinds;
}

}

const GgufPreKind* findGgufPreKind(std::string_view name)
{
    if (name.empty())
        name = "default";
    for (const auto& kind : table())
        for (const auto& known : kind.names)
            if (known == name)
                return &kind;
    return nullptr;
}

Result<PreTokenizer> PreTokenizer::fromGgufName(std::string_view name)
{
    const auto* kind = findGgufPreKind(name);
    if (!kind)
        return fail(ErrorCode::TokenizerBroken, fmt::format("The model names the pre-tokenizer \"{}\", which is not known here.", name),
            "Use a newer version of Attune, or the model's Hugging Face folder.");
    PreTokenizer made;
    made.m_scanner = kind->flags.scanner;
    made.m_isByteLevel = kind->flags.isByteLevel;
    for (const auto& pattern : kind->patterns) {
        ATTUNE_TRY(auto regex, Regex::compile(pattern));
        made.m_steps.push_back(Split {regex, Behavior::Isolated, false});
    }
    return made;
}

}
