// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/tryout/answer_box.h"

#include "bridge/text.h"
#include "style/icons.h"
#include "style/metrics.h"
#include "style/paint.h"
#include "style/tokens.h"

#include <QApplication>
#include <QBoxLayout>
#include <QClipboard>
#include <QLabel>
#include <QPainter>

namespace attune::pages {

AnswerBox::AnswerBox(QWidget* parent)
    : QWidget(parent)
{
    setObjectName(QStringLiteral("answer"));
    auto* column = widgets::column(6);
    column->setContentsMargins(11, 9, 9, 8);
    setLayout(column);
    m_noAnswer = new QWidget;
    m_noAnswer->setObjectName(QStringLiteral("no-answer"));
    auto* mark = widgets::row(6);
    m_noAnswer->setLayout(mark);
    auto* icon = new QLabel;
    icon->setPixmap(style::iconPixmap(QStringLiteral("error"), 16, style::tokens().danger, devicePixelRatioF()));
    mark->addWidget(icon);
    mark->addWidget(widgets::bodyLabel(tr("No answer"), widgets::Tone::Danger));
    mark->addStretch(1);
    m_noAnswer->hide();
    column->addWidget(m_noAnswer);
    m_text = new widgets::DiffLabel;
    m_text->setWordsClickable(true);
    column->addWidget(m_text);
    auto* foot = widgets::row(style::kSpace2);
    m_facts = widgets::captionLabel({});
    foot->addWidget(m_facts);
    foot->addStretch(1);
    m_again = widgets::iconButton(QStringLiteral("reset"), tr("Answer again with the next seed"));
    m_copy = widgets::iconButton(QStringLiteral("copy"), tr("Copy the answer"));
    m_better = widgets::smallButton(tr("Better"));
    m_better->setObjectName(QStringLiteral("better"));
    m_better->setToolTip(tr("This answer is the best of them"));
    foot->addWidget(m_again);
    foot->addWidget(m_copy);
    foot->addWidget(m_better);
    column->addLayout(foot);
    connect(m_copy, &QToolButton::clicked, this, [this] { QApplication::clipboard()->setText(m_answer.text); });
    connect(m_again, &QToolButton::clicked, this, &AnswerBox::againRequested);
    connect(m_better, &QPushButton::clicked, this, &AnswerBox::voted);
    connect(m_text, &widgets::DiffLabel::wordClicked, this, &AnswerBox::wordClicked);
    setVote(false, false);
    setLast(false);
}

void AnswerBox::setStream(const QString& text)
{
    m_answer.text = text;
    m_text->setPlain(text.isEmpty() ? tr("…") : text);
}

void AnswerBox::setAnswer(const ChatAnswer& answer)
{
    m_answer = answer;
    const bool isError = !answer.error.isEmpty();
    m_noAnswer->setVisible(isError);
    m_text->setWordsClickable(!isError);
    m_text->setTone(isError ? widgets::Tone::Danger : widgets::Tone::Text);
    m_text->setPlain(answer.error.isEmpty() ? answer.text : answer.error);
    m_facts->setText(answer.error.isEmpty() ? tr("%n token(s)", nullptr, static_cast<int>(answer.tokens)) + QStringLiteral("   ") + tr("%1 tokens/s").arg(qRound(answer.tokensPerSecond)) : QString());
}

void AnswerBox::setOther(const QString& other, widgets::DiffStyle style)
{
    if (!m_answer.error.isEmpty())
        return;
    if (other.isEmpty())
        m_text->setPlain(m_answer.text);
    else
        m_text->setTexts(other, m_answer.text, style);
}

void AnswerBox::setVote(bool isPossible, bool isBetter)
{
    m_isBetter = isBetter;
    m_better->setVisible(isPossible);
    m_better->setIcon(isBetter ? style::icon(QStringLiteral("check"), style::IconColour::Accent) : QIcon());
    m_better->setAccessibleName(isBetter ? tr("Voted as better") : tr("Better"));
    update();
}

void AnswerBox::setLast(bool isLast)
{
    m_again->setVisible(isLast);
}

void AnswerBox::paintEvent(QPaintEvent*)
{
    const auto& t = style::tokens();
    QPainter painter(this);
    style::drawBox(&painter, rect(), t.surface, m_isBetter ? t.accent : m_answer.error.isEmpty() ? t.border : t.danger, style::kPanelRadius);
}

}
