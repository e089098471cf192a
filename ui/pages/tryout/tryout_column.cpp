// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/tryout/tryout_column.h"

#include "bridge/text.h"
#include "style/fonts.h"
#include "style/icons.h"
#include "style/metrics.h"
#include "style/paint.h"
#include "style/tokens.h"
#include "widgets/bubbles.h"

#include <QBoxLayout>
#include <QComboBox>
#include <QLineEdit>
#include <QPainter>
#include <QScrollBar>
#include <QSlider>
#include <QTimer>

namespace attune::pages {

namespace {

constexpr const char* kAdapterFile = "adapter-file:";

}

TryOutColumn::TryOutColumn(int index, QWidget* parent)
    : QWidget(parent)
{
    setObjectName(QStringLiteral("column-%1").arg(index));
    setMinimumWidth(style::scaled(200));
    auto* layout = widgets::column();
    setLayout(layout);
    layout->addWidget(buildHead(index));
    layout->addWidget(new widgets::Hairline);
    auto* content = new widgets::PlaneWidget(widgets::Plane::Surface);
    m_column = widgets::column(style::kSpace2);
    m_column->setContentsMargins(14, 12, 14, 12);
    content->setLayout(m_column);
    m_hint = widgets::wrappedLabel({});
    m_hint->setAlignment(Qt::AlignCenter);
    m_column->addWidget(m_hint, 100);  // all of the room while there is nothing else
    m_column->addStretch(1);
    m_scroll = new QScrollArea;
    m_scroll->setWidget(content);
    m_scroll->setWidgetResizable(true);
    m_scroll->setFrameShape(QFrame::NoFrame);
    m_scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    layout->addWidget(m_scroll, 1);
}

QWidget* TryOutColumn::buildHead(int index)
{
    m_head = new QWidget;
    auto* head = widgets::column(style::kSpace1);
    head->setContentsMargins(14, 8, 14, 8);
    m_head->setLayout(head);
    auto* line = widgets::row(6);
    m_letter = widgets::headingLabel({});
    m_letter->hide();
    m_combo = new QComboBox;
    m_combo->setObjectName(QStringLiteral("choice-%1").arg(index));
    m_combo->setAccessibleName(tr("Model of column %1").arg(index + 1));
    m_combo->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
    m_remove = widgets::iconButton(QStringLiteral("close"), tr("Remove the column"));
    line->addWidget(m_letter);
    line->addWidget(m_combo, 1);
    line->addWidget(m_remove);
    head->addLayout(line);
    auto* strength = widgets::row();
    m_note = widgets::captionLabel({});
    m_strength = new QSlider(Qt::Horizontal);
    m_strength->setRange(0, 200);
    m_strength->setValue(100);
    m_strength->setAccessibleName(tr("Adapter strength"));
    m_strength->setToolTip(tr("0 is the base model, 1 as trained"));
    m_value = new QLineEdit(bridge::decimal(1, 2));
    m_value->setFont(style::mono());
    m_value->setFixedWidth(style::scaled(56));
    m_value->setAccessibleName(tr("Adapter strength as a number"));
    strength->addWidget(m_note);
    strength->addWidget(m_strength, 1);
    strength->addStretch(0);
    strength->addWidget(m_value);
    head->addLayout(strength);
    m_head->setFixedHeight(style::scaled(76));
    connect(m_strength, &QSlider::valueChanged, this, [this](int v) { m_value->setText(bridge::decimal(v / 100.0, 2)); });
    connect(m_value, &QLineEdit::editingFinished, this, [this] { m_strength->setValue(qRound(bridge::typedNumber(m_value->text()).toDouble() * 100)); });
    connect(m_remove, &QToolButton::clicked, this, &TryOutColumn::removeRequested);
    connect(m_combo, &QComboBox::activated, this, [this] {
        if (m_combo->currentData().toString() == QLatin1String(kAdapterFile))
            emit adapterFileRequested();
    });
    connect(m_combo, &QComboBox::currentIndexChanged, this, [this] {
        showChoice();
        emit choiceChanged();
    });
    return m_head;
}

void TryOutColumn::setChoices(const QList<ChatChoice>& choices)
{
    const QString current = choice().id;
    m_choices = choices;
    const QSignalBlocker blocker(m_combo);
    m_combo->clear();
    for (const auto& one : choices)
        m_combo->addItem(style::runMarkPixmap(one.colour, devicePixelRatioF()), QStringLiteral("%1   %2").arg(one.name, one.detail), one.id);
    m_combo->insertSeparator(m_combo->count());
    m_combo->addItem(style::icon(QStringLiteral("folder")), tr("Adapter file…"), QLatin1String(kAdapterFile));
    m_combo->setCurrentIndex(m_combo->findData(current));
    showChoice();
}

bool TryOutColumn::choose(const QString& id)
{
    const int index = m_combo->findData(id);
    if (index >= 0)
        m_combo->setCurrentIndex(index);
    return index >= 0;
}

ChatChoice TryOutColumn::choice() const
{
    const QString id = m_combo->currentData().toString();
    for (const auto& one : m_choices)
        if (one.id == id)
            return one;
    return {};
}

double TryOutColumn::strength() const
{
    return choice().hasAdapter() ? m_strength->value() / 100.0 : 1.0;
}

void TryOutColumn::showChoice()
{
    const bool hasAdapter = choice().hasAdapter() && !m_isBlind;
    m_note->setText(m_isBlind ? tr("Which one it is comes after the vote") : hasAdapter ? tr("Adapter strength") : choice().id.isEmpty() ? QString() : tr("No adapter"));
    m_strength->setVisible(hasAdapter);
    m_value->setVisible(hasAdapter);
}

void TryOutColumn::setRemovable(bool isRemovable)
{
    m_remove->setVisible(isRemovable);
}

void TryOutColumn::setBlind(const QString& letter)
{
    m_isBlind = !letter.isEmpty();
    m_letter->setText(tr("Answer %1").arg(letter));
    m_letter->setVisible(m_isBlind);
    m_combo->setVisible(!m_isBlind);
    showChoice();
}

void TryOutColumn::clear()
{
    m_answers.clear();
    while (m_column->count() > 2) {
        auto* item = m_column->takeAt(1);
        if (item->widget()) {
            item->widget()->hide();
            item->widget()->deleteLater();
        } else if (item->layout()) {
            while (auto* inner = item->layout()->takeAt(0)) {
                if (inner->widget())
                    inner->widget()->deleteLater();
                delete inner;
            }
        }
        delete item;
    }
    m_hint->show();
}

AnswerBox* TryOutColumn::addTurn(const QString& user)
{
    m_hint->hide();
    auto* line = widgets::row(0);
    auto* bubble = new widgets::Bubble({}, user, true);
    bubble->setMaximumWidth(style::scaled(460));
    line->addStretch(16);
    line->addWidget(bubble, 84, Qt::AlignRight);
    m_column->insertLayout(m_column->count() - 1, line);
    auto* answer = new AnswerBox;
    m_column->insertWidget(m_column->count() - 1, answer);
    m_answers.append(answer);
    return answer;
}

void TryOutColumn::setHint(const QString& text)
{
    m_hint->setText(text);
}

void TryOutColumn::scrollToEnd()
{
    QTimer::singleShot(0, this, [this] { m_scroll->verticalScrollBar()->setValue(m_scroll->verticalScrollBar()->maximum()); });
}

}
