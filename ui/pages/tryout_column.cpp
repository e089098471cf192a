// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/tryout_column.h"

#include "pipeline/model_lookup.h"
#include "style/icons.h"
#include "style/metrics.h"
#include "style/tokens.h"

#include <QApplication>
#include <QBoxLayout>
#include <QClipboard>
#include <QScrollBar>

namespace attune::pages {

using bridge::toQString;
using widgets::Tone;

TryOutColumn::TryOutColumn(shell::Context& context, bool isBase, QWidget* parent)
    : QWidget(parent)
    , m_context(context)
    , m_session(std::make_shared<std::unique_ptr<pipeline::ChatSession>>())
{
    auto* layout = widgets::column();
    setLayout(layout);
    auto* head = widgets::column(style::kSpace1);
    head->setContentsMargins(14, 8, 14, 8);
    m_combo = new QComboBox;
    m_combo->setAccessibleName(isBase ? tr("Model at left") : tr("Model at right"));
    head->addWidget(m_combo);
    m_strengthRow = new QWidget;
    auto* strength = widgets::row();
    m_strengthRow->setLayout(strength);
    m_note = widgets::captionLabel(tr("Adapter strength"));
    strength->addWidget(m_note);
    m_strength = new QSlider(Qt::Horizontal);
    m_strength->setRange(0, 200);
    m_strength->setValue(100);
    m_strength->setAccessibleName(tr("Adapter strength"));
    strength->addWidget(m_strength, 1);
    m_strengthValue = widgets::monoLabel(QStringLiteral("1.00"));
    strength->addWidget(m_strengthValue);
    m_strengthRow->setFixedHeight(style::scaled(28));
    head->addWidget(m_strengthRow);
    layout->addLayout(head);
    layout->addWidget(new widgets::Hairline);
    auto* content = new widgets::PlaneWidget(widgets::Plane::Surface);
    m_column = widgets::column(style::kSpace2);
    m_column->setContentsMargins(14, 12, 14, 12);
    content->setLayout(m_column);
    m_hint = widgets::wrappedLabel(tr("Answers of this model appear here."));
    m_column->addWidget(m_hint);
    m_column->addStretch(1);
    m_scroll = new QScrollArea;
    m_scroll->setWidget(content);
    m_scroll->setWidgetResizable(true);
    m_scroll->setFrameShape(QFrame::NoFrame);
    m_scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    layout->addWidget(m_scroll, 1);
    connect(m_strength, &QSlider::valueChanged, this, [this](int v) { m_strengthValue->setText(QString::number(v / 100.0, 'f', 2)); });
    connect(m_combo, &QComboBox::currentIndexChanged, this, [this] {
        const auto id = choice();
        for (const auto& one : m_choices)
            if (one.id == id) {
                m_strength->setEnabled(one.colour >= 0);
                m_note->setText(one.colour >= 0 ? tr("Adapter strength") : tr("No adapter"));
                m_strength->setVisible(one.colour >= 0);
                m_strengthValue->setVisible(one.colour >= 0);
            }
    });
    m_timer.setInterval(60);
    connect(&m_timer, &QTimer::timeout, this, &TryOutColumn::showStream);
}

void TryOutColumn::setChoices(const QList<TryOutChoice>& choices)
{
    const QString current = choice();
    m_choices = choices;
    const QSignalBlocker blocker(m_combo);
    m_combo->clear();
    for (const auto& one : choices) {
        QPixmap dot(16, 16);
        dot.fill(Qt::transparent);
        QPainter painter(&dot);
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(Qt::NoPen);
        painter.setBrush(one.colour >= 0 ? style::tokens().run(one.colour) : style::tokens().text2);
        painter.drawEllipse(QPointF(8, 8), 4, 4);
        m_combo->addItem(dot, QStringLiteral("%1  %2").arg(one.id, one.detail), one.id);
    }
    m_combo->setCurrentIndex(m_combo->findData(current));
}

void TryOutColumn::choose(const QString& id)
{
    const int index = m_combo->findData(id);
    if (index >= 0) {
        m_combo->setCurrentIndex(-1);
        m_combo->setCurrentIndex(index);
    }
}

QString TryOutColumn::choice() const
{
    return m_combo->currentData().toString();
}

void TryOutColumn::addBubble(const QString& role, const QString& text, bool isUser)
{
    m_hint->hide();
    auto* bubble = new widgets::Bubble(role, text, isUser);
    m_column->insertWidget(m_column->count() - 1, bubble);
    if (isUser)
        return;
    m_answer = bubble;
    auto* copy = widgets::iconButton(QStringLiteral("copy"), tr("Copy the answer"));
    bubble->addFooter(copy);
    connect(copy, &QToolButton::clicked, bubble, [bubble] { QApplication::clipboard()->setText(bubble->text()); });
}

void TryOutColumn::send(const QString& text, const QString& system, pipeline::GenerateRequest request)
{
    const QString id = choice();
    if (id.isEmpty()) {
        m_hint->setText(tr("Add a model first: Models, then Add model."));
        return;
    }
    if (m_messages.empty() && !system.isEmpty())
        m_messages.push_back({"system", bridge::toStd(system), {}});
    m_messages.push_back({"user", bridge::toStd(text), {}});
    addBubble(tr("You"), text, true);
    addBubble(id, tr("…"), false);
    request.messages = m_messages;
    m_stream = std::make_shared<Stream>();
    request.onText = [stream = m_stream](const std::string& piece) {
        const std::lock_guard lock(stream->mutex);
        stream->text += piece;
    };
    const bool reload = m_loaded != id;
    m_loaded = id;
    const double scale = m_strength->isEnabled() ? m_strength->value() / 100.0 : 1.0;
    const std::string workspace = m_context.workspace.stdPath(), name = bridge::toStd(id);
    m_timer.start();
    m_job = m_context.jobs.start(tr("Asking %1").arg(id),
        [=, session = m_session, stream = m_stream](const JobContext& job) -> Status {
            ATTUNE_TRY(auto* engine, pipeline::openEngine());
            if (reload || !*session) {
                session->reset();
                ATTUNE_TRY(auto store, store::Store::open(workspace));
                ATTUNE_TRY(auto place, pipeline::findModel([&store]() -> Result<store::Store*> { return store.get(); }, name));
                pipeline::ModelWithAdapter model;
                ATTUNE_TRY(model.model, families::openModel(place.path));
                model.adapter = place.adapter;
                ATTUNE_TRY(*session, engine->openChat(model, job));
            }
            ATTUNE_RETURN_IF_ERROR((*session)->setAdapterScale(scale));
            ATTUNE_TRY(stream->report, (*session)->generate(request, job));
            return {};
        },
        this,
        [this, stream = m_stream](const Status& status) {
            m_timer.stop();
            showStream();
            m_job = 0;
            if (!status)
                m_loaded.clear();
            if (stream != m_stream) {
                emit idleChanged();  // the conversation was cleared meanwhile: nobody waits for this answer
                return;
            }
            if (!status) {
                if (m_answer)
                    m_answer->setText(status.error().kind() == ErrorKind::Cancelled ? m_answer->text() : toQString(status.error().message + " " + status.error().hint));
                m_messages.pop_back();
            } else {
                m_answer->setText(toQString(m_stream->report.text));
                m_answer->setFact(tr("%1 tokens, %2 tokens/s").arg(m_stream->report.tokens).arg(qRound(m_stream->report.tokensPerSecond)));
                m_messages.push_back({"assistant", m_stream->report.text, {}});
            }
            emit idleChanged();
        });
    emit idleChanged();
}

void TryOutColumn::showStream()
{
    if (!m_stream || !m_answer)
        return;
    QString text;
    {
        const std::lock_guard lock(m_stream->mutex);
        text = toQString(m_stream->text);
    }
    if (!text.isEmpty() && text != m_answer->text())
        m_answer->setText(text);
    m_scroll->verticalScrollBar()->setValue(m_scroll->verticalScrollBar()->maximum());
}

void TryOutColumn::stop()
{
    if (m_job)
        m_context.jobs.cancel(m_job);
}

void TryOutColumn::clear()
{
    stop();
    m_stream.reset();
    m_messages.clear();
    m_answer = nullptr;
    while (m_column->count() > 2) {
        auto* item = m_column->takeAt(1);
        delete item->widget();
        delete item;
    }
    m_hint->show();
}

}
