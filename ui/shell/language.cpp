// SPDX-License-Identifier: GPL-3.0-or-later
#include "shell/language.h"

#include <QApplication>
#include <QTranslator>

#include <algorithm>
#include <cstring>

namespace attune::shell {
namespace {

/// "%n row(s)" becomes "1 row" and "0 rows".
QString pluralised(QString text, int n)
{
    return text.replace(QLatin1String("(s)"), n == 1 ? QString() : QStringLiteral("s"));
}

/// Where in a text nothing may be changed: %1, %n, tags and entities.
bool isProtected(const QString& text, qsizetype at, qsizetype& length)
{
    const QChar c = text[at];
    if (c == QLatin1Char('%') && at + 1 < text.size()) {
        length = 2;
        while (at + length < text.size() && text[at + length].isDigit())
            ++length;
        return true;
    }
    const auto end = c == QLatin1Char('<') ? text.indexOf(QLatin1Char('>'), at) : -1;
    if (end < 0 || end - at > 40 || at + 1 >= text.size() || !(text[at + 1].isLetter() || text[at + 1] == QLatin1Char('/')))
        return false;
    length = end - at + 1;
    return true;
}

QString accented(const QString& text)
{
    static const QString kPlain = QStringLiteral("aceinorsuyzACEINORSUYZ"), kAccented = QStringLiteral("áçéíñóŕšúýžÁÇÉÍÑÓŔŠÚÝŽ");
    QString out;
    for (qsizetype i = 0; i < text.size();) {
        qsizetype length = 1;
        if (isProtected(text, i, length)) {
            out += text.mid(i, length);
        } else {
            const auto at = kPlain.indexOf(text[i]);
            out += at >= 0 ? kAccented[at] : text[i];
        }
        i += length;
    }
    return out;
}

/// What a longer language adds to a text, in words as it has them, so that a line can be broken.
QString padding(int length)
{
    constexpr int kWord = 7;
    QString out;
    while (out.size() < length)
        out += (out.isEmpty() || length < kWord ? QString() : QStringLiteral(" ")) + QString(std::min<int>(kWord, length - static_cast<int>(out.size())), QLatin1Char('~'));
    return out;
}

class EnglishTranslator final : public QTranslator
{
public:
    using QTranslator::QTranslator;
    bool isEmpty() const override { return false; }
    QString translate(const char*, const char* source, const char*, int n) const override
    {
        if (n < 0 || !source || !std::strstr(source, "%n"))
            return {};
        return pluralised(QString::fromUtf8(source), n);
    }
};

class PseudoTranslator final : public QTranslator
{
public:
    using QTranslator::QTranslator;
    bool isEmpty() const override { return false; }
    QString translate(const char*, const char* source, const char*, int n) const override
    {
        const QString text = QString::fromUtf8(source);
        if (text.isEmpty() || text == QLatin1String("LTR") || text.startsWith(QLatin1String("QT_")))
            return {};
        // A plus between keys is no word.
        if (std::none_of(text.begin(), text.end(), [](QChar c) { return c.isLetter(); }))
            return {};
        // File filters are read by the dialog: brackets would be part of the pattern.
        if (text.contains(QLatin1String("(*")))
            return {};
        const QString words = accented(n >= 0 ? pluralised(text, n) : text);
        const int extra = static_cast<int>(text.size() * 2 / 5);
        return QStringLiteral("[%1%2]").arg(words, padding(extra));
    }
};

}

void applyLanguage(const QString& name)
{
    const bool isPseudo = name == QLatin1String("pseudo") || name == QLatin1String("rtl");
    QTranslator* translator = isPseudo ? static_cast<QTranslator*>(new PseudoTranslator(qApp)) : new EnglishTranslator(qApp);
    QCoreApplication::installTranslator(translator);
    QApplication::setLayoutDirection(name == QLatin1String("rtl") ? Qt::RightToLeft : Qt::LeftToRight);
}

}
