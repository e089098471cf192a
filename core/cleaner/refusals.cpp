// SPDX-License-Identifier: GPL-3.0-or-later
#include "cleaner/refusals.h"

#include "base/result.h"
#include "cleaner/regex.h"
#include "cleaner/text.h"

#include <string>

namespace attune::cleaner {
namespace {

// Declining is said at the start; what follows may be as long as it likes.
constexpr std::size_t kStart = 400;

/// One pattern over the lower-cased start, apostrophes made plain. Each line is one way to decline.
const Regex& pattern()
{
    static const Regex regex = [] {
        const std::string verbs = "(assist|help|provide|fulfill|fulfil|comply|answer|generate|create|write|do that|do this|support|engage|discuss|share|offer|give|complete|produce|respond|participate|continue|access|browse|predict|express|have)";
        const std::string source =
            "^\\W*(?:"
            "(?:(?:i'm|i am|we're|we are|my apologies|apologies|sorry|unfortunately|i apologi[sz]e)[^.!?\\n]{0,60}?)?[,.!]?\\s*(?:but |however,? |as [^.!?\\n]{0,60}?, )?(?:i|we) (?:just |really |simply )?(?:can't|cannot|can not|am not able to|'m not able to|am unable to|won't be able to|will not|won't|am not allowed to|am not permitted to|must decline to|have to decline to|must decline|have to decline) (?:\\w+ )?" + verbs + "\\b"
            "|(?:(?:sorry|unfortunately|apologies)[,.!]? (?:but )?)?(?:i'm|i am) (?:not able|unable) to (?:\\w+ )?" + verbs + "\\b"
            "|(?:i'm|i am) (?:(?:just|only|merely) )?an? (?:ai|artificial intelligence|(?:large )?language model|virtual assistant|ai[- ]\\w+)\\b[^.!?\\n]{0,80}?(?:can't|cannot|unable|not able|don't have|do not have|am not)"
            "|as an? (?:ai|artificial intelligence|(?:large )?language model|responsible ai|ethical ai)\\b[^.!?\\n]{0,80}?(?:i |my )"
            "|(?:sorry|i'm sorry|i am sorry|i apologi[sz]e)[^.!?\\n]{0,30}(?:but )?(?:that|this) (?:goes against|is against|violates|isn't something i can|is not something i can)"
            "|it (?:is|would be|'s) (?:against my|not (?:appropriate|ethical) for me to)"
            // German, Dutch
            "|(?:es tut mir (?:sehr )?leid|tut mir leid|entschuldigung|leider)[^.!?\\n]{0,40}?(?:aber )?(?:(?:ich )?kann ich|ich kann|kann|darf ich|ich darf)\\b[^.!?\\n]{0,80}?\\b(?:nicht|keine?n?)\\b"
            "|als (?:ki|künstliche intelligenz|sprachmodell|ki-sprachmodell|ki-modell)\\b[^.!?\\n]{0,40}?(?:kann|habe|bin|darf) ich"
            "|(?:het spijt me|sorry|helaas)[^.!?\\n]{0,30}?(?:maar )?(?:kan ik|ik kan)\\b[^.!?\\n]{0,60}?\\b(?:niet|geen)\\b"
            "|als (?:ai|taalmodel|ai-taalmodel)\\b[^.!?\\n]{0,30}?(?:kan|heb|ben) ik"
            // French, Spanish, Italian, Portuguese
            "|(?:je suis (?:vraiment )?désolée?|désolée?|je regrette|malheureusement)[^.!?\\n]{0,30}?(?:mais )?je ne (?:peux|puis|suis)\\b"
            "|en tant qu(?:'|e )(?:ia|intelligence artificielle|modèle de langage|assistant)\\b"
            "|(?:lo siento|lo lamento|disculpa|lamentablemente|me temo)[^.!?\\n]{0,30}?(?:pero )?no (?:puedo|me es posible|estoy)\\b"
            "|como (?:(?:una? )?(?:ia|inteligencia artificial|modelo de lenguaje|inteligência artificial|modelo de linguagem))\\b"
            "|(?:mi dispiace|mi spiace|purtroppo)[^.!?\\n]{0,30}?(?:ma )?non (?:posso|sono in grado)\\b"
            "|(?:in quanto|come) (?:(?:una? )?(?:ia|intelligenza artificiale|modello linguistico|modello di linguaggio))\\b"
            "|(?:desculpe|sinto muito|lamento|infelizmente)[^.!?\\n]{0,30}?(?:mas )?(?:eu )?não (?:posso|consigo|tenho como)\\b"
            // Polish, Russian, Ukrainian, Turkish, Chinese, Japanese
            "|(?:przepraszam|przykro mi|niestety)[^.!?\\n]{0,30}?(?:ale )?nie (?:mogę|jestem w stanie)\\b"
            "|jako (?:model językowy|sztuczna inteligencja|ai)\\b"
            "|(?:извините|простите|к сожалению|мне жаль)[^.!?\\n]{0,30}?(?:но )?(?:я )?не (?:могу|имею возможности)\\b"
            "|(?:вибачте|на жаль)[^.!?\\n]{0,30}?(?:але )?(?:я )?не можу\\b"
            "|как (?:языковая модель|искусственный интеллект|ии)\\b"
            "|(?:üzgünüm|maalesef)[^.!?\\n]{0,60}?(?:edemem|yapamam|veremem|olamam|mümkün değil)"
            "|(?:很抱歉|对不起|抱歉)[^。！？\\n]{0,20}?(?:我)?(?:不能|无法|不可以)"
            "|作为(?:一个|一名)?(?:人工智能|ai|语言模型)"
            "|(?:申し訳(?:ありません|ございません)|すみません)[^。\\n]{0,40}?(?:できません|お答えできません|いたしかねます)"
            ")";
        auto compiled = Regex::compile(source);
        ATTUNE_CHECK(compiled, "the pattern of refusals is our own");
        return std::move(*compiled);
    }();
    return regex;
}

}

bool isRefusal(std::string_view text)
{
    std::size_t end = std::min(text.size(), kStart);
    while (end < text.size() && end > 0 && (text[end] & 0xC0) == 0x80)
        --end;
    constexpr std::string_view kApostrophe = "\xE2\x80\x99";
    thread_local std::string lowered;
    std::string_view start = text.substr(0, end);
    if (toLower(start, lowered))
        start = lowered;
    if (start.find(kApostrophe) == std::string_view::npos)
        return pattern().isFoundIn(start);
    std::string plain(start);
    for (std::size_t at = plain.find(kApostrophe); at != std::string::npos; at = plain.find(kApostrophe, at))
        plain.replace(at, 3, "'");
    return pattern().isFoundIn(plain);
}

}
