// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/tryout/sampling_panel.h"

#include "bridge/text.h"
#include "pages/tryout/next_tokens.h"
#include "style/fonts.h"
#include "style/metrics.h"

#include <QBoxLayout>
#include <QLineEdit>

namespace attune::pages {

SamplingPanel::SamplingPanel(QSettings& settings, QWidget* parent)
    : PlaneWidget(widgets::Plane::Surface, parent)
    , m_settings(settings)
{
    setFixedWidth(style::scaled(236));
    m_column = widgets::column(style::kSpace1);
    m_column->setContentsMargins(14, 12, 14, 12);
    setLayout(m_column);
    m_column->addWidget(widgets::headingLabel(tr("Sampling")));
    addField(QStringLiteral("temperature"), tr("Temperature"), QStringLiteral("0.70"), tr("0 always takes the likeliest token; higher is more varied."));
    addField(QStringLiteral("topP"), tr("Top-p"), QStringLiteral("0.95"), tr("Only the likeliest tokens that together reach this probability are drawn from."));
    addField(QStringLiteral("minP"), tr("Min-p"), QStringLiteral("0.05"), tr("Tokens below this share of the likeliest one are left out."));
    addField(QStringLiteral("penalty"), tr("Repeat penalty"), QStringLiteral("1.00"), tr("Above 1, tokens that were used already get less likely."));
    addField(QStringLiteral("length"), tr("Max tokens"), QStringLiteral("256"), tr("Tokens of an answer, at most."));
    addField(QStringLiteral("seed"), tr("Seed"), QStringLiteral("42"), tr("The same seed gives the same answer."));
    m_wrong = widgets::bodyLabel({}, widgets::Tone::Danger);
    m_wrong->setObjectName(QStringLiteral("sampling-wrong"));
    m_wrong->setFont(style::caption());
    m_wrong->setFixedHeight(QFontMetrics(style::caption()).height());  // the line is there without a message, so that nothing moves
    m_column->addWidget(m_wrong);
    m_column->addWidget(new widgets::Hairline);
    m_column->addSpacing(style::kSpace1);
    m_next = new NextTokens;
    m_column->addWidget(m_next);
    m_column->addSpacing(style::kSpace2);
    m_column->addWidget(new widgets::Hairline);
    m_column->addSpacing(style::kSpace1);
    m_column->addWidget(widgets::headingLabel(tr("In memory")));
    m_memory = widgets::column(2);
    m_column->addLayout(m_memory);
    m_column->addStretch(1);
    m_note = widgets::wrappedLabel(tr("One base in memory serves all columns that stand on it; the slider scales the adapter, 0 is the base."));
    m_note->setFont(style::caption());
    m_column->addWidget(m_note);
    setFacts({}, 0);
}

QLineEdit* SamplingPanel::addField(const QString& key, const QString& name, const QString& value, const QString& help)
{
    auto* line = widgets::row(6);
    auto* label = widgets::bodyLabel(name);
    const auto shown = [](QString number) { return number.replace(QLatin1Char('.'), QLocale().decimalPoint()); };
    auto* edit = new QLineEdit(shown(m_settings.value(QStringLiteral("tryout/") + key, value).toString()));
    edit->setObjectName(QStringLiteral("sampling-") + key);
    edit->setFixedWidth(style::scaled(72));
    edit->setFont(style::mono());
    edit->setAccessibleName(name);
    const QString tip = tr("%1 Default: %2.").arg(help, shown(value));
    edit->setToolTip(tip);
    label->setToolTip(tip);
    label->setBuddy(edit);
    auto* reset = widgets::iconButton(QStringLiteral("reset"), tr("Back to %1").arg(shown(value)));
    reset->setFixedSize(24, 24);
    line->addWidget(label);
    line->addWidget(reset);
    line->addStretch(1);
    line->addWidget(edit);
    m_column->addLayout(line);
    const int around = 2 * 14 + 3 * 6 + reset->width() + edit->width();
    setFixedWidth(std::max(width(), label->sizeHint().width() + around));
    m_fields.append({key, value, edit, reset});
    QSizePolicy keepsPlace = reset->sizePolicy();
    keepsPlace.setRetainSizeWhenHidden(true);
    reset->setSizePolicy(keepsPlace);
    reset->setVisible(edit->text() != shown(value));
    connect(reset, &QToolButton::clicked, edit, [edit, standard = shown(value)] { edit->setText(standard); });
    connect(edit, &QLineEdit::textChanged, this, [this, key, value, reset](const QString& text) {
        const QString typed = bridge::typedNumber(text);
        m_settings.setValue(QStringLiteral("tryout/") + key, typed);
        reset->setVisible(typed != value);
        showWrong();
    });
    return edit;
}

/// What is no number is not used; the default is, and that is said.
void SamplingPanel::showWrong()
{
    QString message;
    for (const auto& field : m_fields) {
        bool isNumber = false;
        (void)bridge::typedNumber(field.line->text()).toDouble(&isNumber);
        field.line->setProperty("error", !isNumber);
        field.line->update();
        if (!isNumber && message.isEmpty())
            message = tr("%1 must be a number").arg(field.line->accessibleName());
    }
    m_wrong->setText(message);
}

pipeline::GenerateRequest SamplingPanel::request() const
{
    const auto number = [this](int field) {
        bool isNumber = false;
        const double value = bridge::typedNumber(m_fields[field].line->text()).toDouble(&isNumber);
        return isNumber ? value : m_fields[field].standard.toDouble();
    };
    pipeline::GenerateRequest request;
    request.temperature = std::max(0.0, number(0));
    request.topP = std::clamp(number(1), 0.01, 1.0);
    request.minP = std::clamp(number(2), 0.0, 1.0);
    request.repetitionPenalty = std::max(1e-3, number(3));
    request.maxTokens = static_cast<int>(std::clamp(number(4), 1.0, 100000.0));
    request.seed = static_cast<std::uint64_t>(std::max(0.0, number(5)));
    return request;
}

void SamplingPanel::setSeed(quint64 seed)
{
    m_fields[5].line->setText(QString::number(seed));
}

void SamplingPanel::showMemory(const QList<QPair<QString, QString>>& facts)
{
    while (auto* item = m_memory->takeAt(0)) {
        if (item->layout())
            while (auto* inner = item->layout()->takeAt(0)) {
                delete inner->widget();
                delete inner;
            }
        delete item->widget();
        delete item;
    }
    for (const auto& [name, value] : facts) {
        auto* line = widgets::row(6);
        line->addWidget(widgets::bodyLabel(name, widgets::Tone::Secondary));
        line->addStretch(1);
        line->addWidget(widgets::monoLabel(value));
        m_memory->addLayout(line);
    }
}

void SamplingPanel::setFacts(const ChatPool::Facts& facts, qint64 usedTokens)
{
    if (facts.loaded == 0) {
        showMemory({{tr("Nothing yet"), {}}});
        return;
    }
    QList<QPair<QString, QString>> lines {{facts.loaded > 1 ? tr("Base weights, %1 times").arg(facts.loaded) : tr("Base weights"), bridge::size(static_cast<double>(facts.baseBytes))}};
    if (facts.adapterBytes > 0)
        lines.append({tr("Adapter"), bridge::size(static_cast<double>(facts.adapterBytes))});
    if (facts.contextLength > 0)
        lines.append({tr("Context left"), tr("%1 of %2").arg(bridge::grouped(std::max<qint64>(0, facts.contextLength - usedTokens)), bridge::grouped(facts.contextLength))});
    showMemory(lines);
}

}
