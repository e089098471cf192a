// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/dataset/things_panel.h"

#include "pages/dataset/row_flags.h"
#include "style/icons.h"
#include "style/metrics.h"
#include "style/tokens.h"

#include <QBoxLayout>
#include <QPainter>

#include <algorithm>

namespace attune::pages {

using bridge::grouped;
using bridge::toQString;
using widgets::Tone;

namespace {

/// An icon that follows the theme.
class Sign final : public QWidget
{
public:
    Sign(QString name, Tone tone)
        : m_name(std::move(name))
        , m_tone(tone)
    {
        setFixedSize(16, 16);
    }

protected:
    void paintEvent(QPaintEvent*) override
    {
        const auto& t = style::tokens();
        const QColor colour = m_tone == Tone::Warning ? t.warning : m_tone == Tone::Success ? t.success : m_tone == Tone::Danger ? t.danger : t.text2;
        QPainter(this).drawPixmap(0, 0, style::iconPixmap(m_name, 16, colour, devicePixelRatioF()));
    }

private:
    QString m_name;
    Tone m_tone;
};

}

ThingsPanel::ThingsPanel(QWidget* parent)
    : Panel(tr("Things to look at"), parent)
{
    body()->setContentsMargins(0, 4, 0, 6);
}

void ThingsPanel::addLine(const QString& icon, Tone tone, const QString& text, const std::function<void(QHBoxLayout*)>& actions)
{
    auto* line = new QWidget;
    line->setFixedHeight(style::scaled(30));
    auto* inner = widgets::row(style::kSpace2);
    inner->setContentsMargins(12, 0, 12, 0);
    line->setLayout(inner);
    inner->addWidget(new Sign(icon, tone));
    inner->addWidget(widgets::bodyLabel(text));
    if (actions)
        actions(inner);
    inner->addStretch(1);
    body()->addWidget(line);
}

void ThingsPanel::addReview(QHBoxLayout* line, const std::string& flag, const QString& title)
{
    auto* review = widgets::smallButton(tr("Review"));
    review->setObjectName(QStringLiteral("review-") + toQString(flag));
    line->addWidget(review);
    connect(review, &QPushButton::clicked, this, [this, flag, title] {
        ShownTerm shown;
        shown.term.field = "flag";
        shown.term.values = {flag};
        shown.title = title;
        emit filterWanted(shown);
    });
}

void ThingsPanel::addFlags(const pipeline::RowFacts& facts, std::int64_t limit)
{
    bool isAny = false;
    for (const auto& id : flagIds()) {
        if (id == QStringLiteral("redacted"))
            continue;
        const int bit = flagBit(id);
        qint64 count = 0;
        if (id == QStringLiteral("over"))
            count = std::count_if(facts.tokens.begin(), facts.tokens.end(), [limit](auto n) { return n > limit; });
        else
            count = std::count_if(facts.flags.begin(), facts.flags.end(), [bit](auto flags) { return flags >> bit & 1; });
        if (count == 0)
            continue;
        isAny = true;
        const QString label = flagLabel(id, limit);
        addLine(QStringLiteral("warning"), Tone::Warning, count == 1 ? tr("1 row: %1").arg(label) : tr("%1 rows: %2").arg(grouped(count), label), [&](QHBoxLayout* line) {
            addReview(line, bridge::toStd(id), label);
            if (id != QStringLiteral("same_text"))
                return;
            auto* duplicates = widgets::smallButton(tr("Open Duplicates"), widgets::ButtonRole::Ghost);
            line->addWidget(duplicates);
            connect(duplicates, &QPushButton::clicked, this, [this] { emit tabWanted(QStringLiteral("duplicates")); });
        });
    }
    if (!isAny)
        addLine(QStringLiteral("success"), Tone::Success, tr("No personal data, empty answers, refusals, repetitions or damaged characters were found."));
}

void ThingsPanel::addImport(const OpenedVersion& opened)
{
    if (opened.header.skipped > 0) {
        const auto& problems = opened.header.problems;
        const QString first = problems.empty() ? QString() : tr(" The first: line %1, %2").arg(grouped(problems.front().line), toQString(problems.front().message));
        addLine(QStringLiteral("info"), Tone::Secondary, (opened.header.skipped == 1 ? tr("1 line of the source could not be read and is left out.") : tr("%1 lines of the source could not be read and are left out.").arg(grouped(opened.header.skipped))) + first);
    }
    if (!opened.header.sentence.empty())
        addLine(QStringLiteral("info"), Tone::Secondary, toQString(opened.header.sentence));
    if (opened.row.info.value("splits", Json::object()).empty())
        addLine(QStringLiteral("split"), Tone::Secondary, tr("The rows are not split; a run holds some back by itself."), [this](QHBoxLayout* line) {
            auto* split = widgets::smallButton(tr("Split…"));
            line->addWidget(split);
            connect(split, &QPushButton::clicked, this, [this] { emit tabWanted(QStringLiteral("split")); });
        });
}

void ThingsPanel::setDataset(const OpenedVersion& opened, const DatasetFacts& facts)
{
    while (auto* item = body()->takeAt(0)) {
        if (item->widget()) {
            item->widget()->hide();
            item->widget()->deleteLater();
        }
        delete item;
    }
    if (const auto counted = facts.facts())
        addFlags(*counted, facts.tokenLimit());
    else
        addLine(QStringLiteral("clock"), Tone::Secondary, facts.isCounting() ? tr("Looking at all rows…") : tr("The rows could not be counted."));
    addImport(opened);
}

}
