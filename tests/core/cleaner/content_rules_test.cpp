// SPDX-License-Identifier: GPL-3.0-or-later
#include "memory_rows.h"

#include "cleaner/language.h"
#include "cleaner/refusals.h"
#include "cleaner/repetition.h"

#include <gmock/gmock.h>

namespace attune::cleaner {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(Refusals, AreToldFromAnswers)
{
    for (const char* text : {"I'm sorry, but I can't help with that.", "I’m sorry, but I cannot assist with that request.", "As an AI language model, I do not have personal opinions.", "I cannot provide instructions for that.",
             "Sorry, I'm not able to help with this.", "Unfortunately, I am unable to access the internet.", "I apologize, but as an AI I can't browse the web.", "I'm just an AI, I can't do that.",
             "Es tut mir leid, aber ich kann dabei nicht helfen.", "Als KI-Sprachmodell habe ich keine Meinung.", "Je suis désolé, mais je ne peux pas répondre à cette question.", "Lo siento, pero no puedo ayudarte con eso.",
             "Mi dispiace, ma non posso aiutarti.", "Desculpe, mas não posso ajudar com isso.", "Het spijt me, maar ik kan daar niet bij helpen.", "Przepraszam, ale nie mogę pomóc.", "Извините, но я не могу помочь с этим.",
             "抱歉，我无法回答这个问题。", "申し訳ありませんが、そのご質問にはお答えできません。"})
        EXPECT_TRUE(isRefusal(text)) << text;
    for (const char* text : {"I'm sorry to hear about your loss.", "Sorry for the late answer! The result is 4.", "You can't divide by zero.", "A language model predicts the next word.", "I can help with that.",
             "He said: \"I cannot help you.\"", "The answer is 42. I'm sorry, but I can't explain why.", "Es tut mir leid, das zu hören.", "Je suis désolé pour le retard.", "", "We cannot know how many stars there are, but estimates say 200 billion."})
        EXPECT_FALSE(isRefusal(text)) << text;
}

TEST(DropRefusals, LooksAtAnswersOnly)
{
    const Json declined {{{"role", "user"}, {"content", "Do it"}}, {{"role", "assistant"}, {"content", "I'm sorry, but I can't help with that."}}};
    const Json asked {{{"from", "human"}, {"value", "I'm sorry, but I can't help my son with fractions. How?"}}, {{"from", "gpt"}, {"value", "Start with a pizza."}}};

    const auto cleaned = clean(MemoryRows::ofConversations({declined, asked}), "{type: drop_refusals, column: m}");

    EXPECT_THAT(cleaned.rows, ElementsAre(Json {{"m", asked}}));
    EXPECT_THAT(textsAfter({"As an AI, I cannot have my own opinion.", "Sure."}, "{type: drop_refusals}"), ElementsAre("Sure.")) << "the text column unasked";
}

TEST(Repetition, IsTheShareThatWasSaidBefore)
{
    EXPECT_NEAR(repetitionOf("a b c d e f g h i j k l"), 0, 1e-9);
    EXPECT_GT(repetitionOf("the cat sat. the cat sat. the cat sat. the cat sat. the cat sat."), 0.7);
    EXPECT_GT(repetitionOf("hahahahahahahahahahahaha"), 0.8);
    EXPECT_GT(repetitionOf("好好好好好好好好好好好好好好"), 0.8);
    EXPECT_EQ(repetitionOf("no no no"), 0) << "too short to say";
    EXPECT_EQ(repetitionOf(""), 0);
    EXPECT_LT(repetitionOf("Natural text repeats a word here and a word there, but it does not say whole runs of words again and again."), 0.05);
    EXPECT_THAT(textsAfter({"buy now buy now buy now buy now buy now buy now", "a fine and ordinary sentence that says one thing only once"}, "{type: drop_repetitive, column: t, max_ratio: 0.5}"),
        ElementsAre("a fine and ordinary sentence that says one thing only once"));
    EXPECT_EQ(refusal(MemoryRows::ofTexts({}), "{type: drop_repetitive, column: t, max_ratio: 2}").exitCode(), 4);
}

struct Sentences {
    const char* language;
    std::vector<const char*> texts;
};

// Everyday sentences, none of them from the catalogues that the profiles were counted on.
const std::vector<Sentences> kSentences {
    {"en", {"The weather is lovely today, so we are going for a walk.", "How many apples does she have left?", "My brother bought a new car last week.", "Please write a short poem about the sea.", "It was raining when they left the house."}},
    {"de", {"Das Wetter ist heute schön, deshalb gehen wir spazieren.", "Wie viele Äpfel hat sie noch?", "Mein Bruder hat letzte Woche ein neues Auto gekauft.", "Schreib bitte ein kurzes Gedicht über das Meer.", "Es regnete, als sie das Haus verließen."}},
    {"fr", {"Il fait beau aujourd'hui, alors nous allons nous promener.", "Combien de pommes lui reste-t-il ?", "Mon frère a acheté une nouvelle voiture la semaine dernière.", "Écris un court poème sur la mer.", "Il pleuvait quand ils ont quitté la maison."}},
    {"es", {"Hoy hace buen tiempo, así que vamos a dar un paseo.", "¿Cuántas manzanas le quedan?", "Mi hermano compró un coche nuevo la semana pasada.", "Escribe un poema corto sobre el mar.", "Llovía cuando salieron de la casa."}},
    {"it", {"Oggi il tempo è bello, quindi andiamo a fare una passeggiata.", "Quante mele le sono rimaste?", "Mio fratello ha comprato una macchina nuova la settimana scorsa.", "Scrivi una breve poesia sul mare.", "Pioveva quando sono usciti di casa."}},
    {"pt", {"O tempo está bom hoje, então vamos dar um passeio.", "Quantas maçãs ela ainda tem?", "Meu irmão comprou um carro novo na semana passada.", "Escreva um poema curto sobre o mar.", "Chovia quando eles saíram de casa."}},
    {"nl", {"Het is vandaag mooi weer, dus we gaan wandelen.", "Hoeveel appels heeft ze nog?", "Mijn broer heeft vorige week een nieuwe auto gekocht.", "Schrijf een kort gedicht over de zee.", "Het regende toen ze het huis verlieten."}},
    {"pl", {"Pogoda jest dziś piękna, więc idziemy na spacer.", "Ile jabłek jej zostało?", "Mój brat kupił w zeszłym tygodniu nowy samochód.", "Napisz krótki wiersz o morzu.", "Padał deszcz, kiedy wyszli z domu."}},
    {"ru", {"Сегодня хорошая погода, поэтому мы идём гулять.", "Сколько яблок у неё осталось?", "Мой брат купил новую машину на прошлой неделе.", "Напиши короткое стихотворение о море.", "Шёл дождь, когда они вышли из дома."}},
    {"uk", {"Сьогодні гарна погода, тому ми йдемо гуляти.", "Скільки яблук у неї залишилося?", "Мій брат купив нову машину минулого тижня.", "Напиши короткий вірш про море.", "Йшов дощ, коли вони вийшли з дому."}},
    {"tr", {"Bugün hava çok güzel, bu yüzden yürüyüşe çıkıyoruz.", "Kaç elması kaldı?", "Kardeşim geçen hafta yeni bir araba aldı.", "Deniz hakkında kısa bir şiir yaz.", "Evden çıktıklarında yağmur yağıyordu."}},
    {"ar", {"الطقس جميل اليوم، لذلك سنذهب في نزهة.", "كم تفاحة بقيت لديها؟", "اشترى أخي سيارة جديدة الأسبوع الماضي.", "اكتب قصيدة قصيرة عن البحر.", "كانت السماء تمطر عندما غادروا المنزل."}},
    {"zh", {"今天天气很好，所以我们去散步。", "她还剩几个苹果？", "我哥哥上周买了一辆新车。", "写一首关于大海的短诗。", "他们离开家的时候下雨了。"}},
    {"ja", {"今日は天気がいいので、散歩に行きます。", "彼女にはりんごがいくつ残っていますか？", "兄は先週新しい車を買いました。", "海についての短い詩を書いてください。", "家を出たとき雨が降っていた。"}},
    {"ko", {"오늘은 날씨가 좋아서 산책하러 갑니다.", "그녀에게 사과가 몇 개 남았나요?", "형은 지난주에 새 차를 샀다.", "바다에 대한 짧은 시를 써 주세요.", "그들이 집을 나설 때 비가 오고 있었다."}},
    {"hi", {"आज मौसम अच्छा है, इसलिए हम टहलने जा रहे हैं।", "उसके पास कितने सेब बचे हैं?", "मेरे भाई ने पिछले हफ्ते नई कार खरीदी।", "समुद्र पर एक छोटी कविता लिखो।", "जब वे घर से निकले तो बारिश हो रही थी।"}},
    {"sv", {"Vädret är fint i dag, så vi går på en promenad.", "Min bror köpte en ny bil förra veckan.", "Det regnade när de lämnade huset.", "Skriv en kort dikt om havet.", "Hur många äpplen har hon kvar?"}},
    {"cs", {"Dnes je hezky, takže jdeme na procházku.", "Můj bratr si minulý týden koupil nové auto.", "Když odcházeli z domu, pršelo.", "Napiš krátkou báseň o moři.", "Kolik jablek jí zbylo?"}},
    {"fi", {"Tänään on kaunis sää, joten lähdemme kävelylle.", "Veljeni osti viime viikolla uuden auton.", "Satoi, kun he lähtivät talosta.", "Kirjoita lyhyt runo merestä.", "Kuinka monta omenaa hänellä on jäljellä?"}},
};

TEST(LanguageOf, NamesTheLanguageOfASentence)
{
    int right = 0, all = 0;
    for (const auto& [language, texts] : kSentences)
        for (const char* text : texts) {
            ++all;
            const std::string found = languageOf(text);
            right += found == language;
            if (found != language)
                std::printf("[ note     ] %s for %s: %s\n", found.c_str(), language, text);
        }
    EXPECT_GE(right, all * 96 / 100) << right << " of " << all;
}

TEST(LanguageOf, SaysNothingWhereNothingCanBeSaid)
{
    for (const char* text : {"", "12345", "!!! ???", "ab", "🙂🙂"})
        EXPECT_EQ(languageOf(text), "") << text;
    EXPECT_EQ(languageOf("Καλημέρα κόσμε"), "el");
    EXPECT_EQ(languageOf("The words \xFF\xFE are broken but this is English."), "en");
    EXPECT_TRUE(std::is_sorted(knownLanguages().begin(), knownLanguages().end()));
}

TEST(Language, KeepsTheNamedOnes)
{
    const std::vector<std::string> texts {"Das Wetter ist heute wirklich sehr schön.", "The weather is really nice today.", "42", "Il fait vraiment très beau aujourd'hui."};

    EXPECT_THAT(textsAfter(texts, "{type: language, keep: [en], column: t}"), ElementsAre(texts[1], "42"));
    EXPECT_THAT(textsAfter(texts, "{type: language, keep: [de, fr], column: t}"), ElementsAre(texts[0], "42", texts[3]));
    EXPECT_THAT(refusal(MemoryRows::ofTexts({}), "{type: language, keep: [xx], column: t}").message, HasSubstr("xx"));
    EXPECT_EQ(refusal(MemoryRows::ofTexts({}), "{type: language, column: t}").exitCode(), 4);
}

}
}
