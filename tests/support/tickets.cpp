// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/tickets.h"

#include "base/json.h"

#include <array>
#include <random>

namespace attune::tests {
namespace {

using Generator = std::mt19937;

template<std::size_t N>
const char* pick(const std::array<const char*, N>& list, Generator& generator)
{
    return list[generator() % N];
}

constexpr std::array kProducts {"Billing", "Account", "Returns", "Shipping", "Other"};
constexpr std::array kOpenings {"Where do I find the invoice for", "My invoice shows twice for", "Please change the address of", "How long does the delivery take for", "I want to send back",
    "The export does not open for", "Can I get one invoice for all of", "Why is the price higher this time for", "I cannot log in to see", "The tracking number is wrong for"};
constexpr std::array kThings {"March", "the blue lamp", "order 88-1042", "my second account", "the annual plan", "five licences", "the spare parts", "the trial month", "the team in Lyon", "the old printer"};
constexpr std::array kDetails {"I need it for my tax return and the date on it should be the third of May.", "It was ordered last week and nothing has arrived so far.",
    "Your colleague told me on the phone that this would be settled by now.", "I have tried it in two browsers and it is the same in both of them.",
    "The box was open when it came and one of the two cables is missing.", "We moved our office in January and the letters still go to the old street."};
constexpr std::array kAnswers {"Open Settings, then Billing. Each invoice has a link for the PDF file at the right of its line.", "I am sorry about that. I removed the second line and sent you the corrected paper.",
    "I changed the address for you; the next letter goes to the new one.", "The payment is from the third of May; its invoice is in your inbox since yesterday evening.",
    "Please add your VAT number under Company, then print the paper again.", "It left our house on Monday. The carrier says that it arrives within three working days."};
constexpr std::array kMore {"Thank you. Does the number change when I do that?", "Good to know. Can you send me a copy as well?", "And how do I stop the reminder that comes every week?"};
constexpr std::array kClosings {"Yes. The corrected paper has a new number and names the old one.", "Of course, it is on its way to you.", "Choose Reminders in your profile and take the tick away."};
constexpr std::array kGerman {"Wo finde ich die Rechnung für den Monat März, und wie kann ich sie ausdrucken?", "Bitte ändern Sie die Anschrift, wir sind im Januar in ein neues Büro umgezogen.",
    "Das Paket ist beschädigt angekommen, und eines der beiden Kabel fehlt leider."};
constexpr std::array kGermanAnswers {"Öffnen Sie die Einstellungen und dort die Abrechnung. Neben jeder Rechnung steht ein Verweis auf die Datei.", "Das haben wir gern geändert; der nächste Brief geht an die neue Anschrift.",
    "Das tut uns leid. Ein neues Kabel ist heute an Sie abgeschickt worden."};

std::string logText(Generator& generator)
{
    std::string log = "Full log of the dispute, step by step:\n";
    for (int i = 0; i < 260; ++i)
        log += "2026-03-" + std::to_string(10 + i % 19) + " 12:" + std::to_string(10 + i % 50) + " request " + std::to_string(generator() % 100'000) + " was answered with " + pick(kAnswers, generator) + "\n";
    return log;
}

Json turn(const char* role, std::string text)
{
    return {{"role", role}, {"content", std::move(text)}};
}

Json conversation(int row, Generator& generator)
{
    if (row % 17 == 5)
        return {turn("user", std::string(pick(kGerman, generator)) + " Es geht um den Vorgang " + std::to_string(1000 + row) + "."), turn("assistant", pick(kGermanAnswers, generator))};
    std::string question = std::string(pick(kOpenings, generator)) + " " + pick(kThings, generator) + "? " + pick(kDetails, generator) + " The case is " + std::to_string(4000 + row) + ".";
    std::string answer = pick(kAnswers, generator);
    if (row % 29 == 3)
        question += " My address is anna.berg" + std::to_string(row) + "@example.org.";
    if (row % 83 == 7)
        question += " Call me at +49 30 901820" + std::to_string(10 + row % 80) + ".";
    if (row % 211 == 11)
        question = logText(generator);
    if (row % 97 == 9)
        answer = row % 2 ? "" : "Done.";
    if (row % 53 == 4)
        question = "Thanks, bye", answer = "Thank you for writing to us.";
    Json list {turn("user", question), turn("assistant", answer)};
    if (row % 3 == 0 && !answer.empty()) {
        list.push_back(turn("user", pick(kMore, generator)));
        list.push_back(turn("assistant", pick(kClosings, generator)));
    }
    return list;
}

}

std::string ticketLines(int rows)
{
    Generator generator(20);
    std::string text;
    for (int row = 0; row < rows; ++row) {
        const Json line {{"id", "T" + std::to_string(row)}, {"messages", conversation(row, generator)}, {"lang", row % 17 == 5 ? "de" : "en"}, {"product", kProducts[std::min<std::size_t>(4, generator() % 12 / 2)]}};
        text += toLine(line) + "\n";
    }
    return text;
}

}
