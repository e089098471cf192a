// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/export/result_card.h"

#include "bridge/text.h"

#include <numeric>

#include "pages/export/result_parts.h"
#include "widgets/text_view.h"
#include "widgets/diff_label.h"

#include <QApplication>
#include <QBoxLayout>
#include <QClipboard>
#include <QDesktopServices>
#include <QFileInfo>
#include <QGridLayout>
#include <QScrollArea>
#include <QUrl>

namespace attune::pages {

using bridge::toQString;
using widgets::Tone;

namespace {

// Limits of cli.md: what is verified, and the words for the distance to the run.
constexpr double kMaxKl = 0.02, kMinTop1 = 0.97;

}

QString useCommand(const Json& report)
{
    const QString path = toQString(report.value("path", "")), folder = QFileInfo(path).absolutePath();
    const std::string target = report.value("target", "");
    if (target == "gguf")
        return QStringLiteral("llama-cli -cnv \\\n  -m %1").arg(path);
    if (target == "gguf-lora")
        return QStringLiteral("llama-cli -cnv \\\n  -m BASE.gguf \\\n  --lora %1").arg(path);
    if (target == "ollama")
        return QStringLiteral("ollama create %1 \\\n  -f %2/Modelfile").arg(QFileInfo(path).fileName().toLower(), path);
    if (target == "peft")
        return QStringLiteral("PeftModel.from_pretrained(\n  base, \"%1\")").arg(path);
    return QStringLiteral("vllm serve %1").arg(path);
}

ResultCard::ResultCard(QWidget* parent)
    : QWidget(parent)
{
    setObjectName(QStringLiteral("export-result"));
    auto* outer = widgets::column();
    outer->setContentsMargins(1, 1, 1, 1);
    setLayout(outer);
    m_head = new Head;
    outer->addWidget(m_head);
    auto* content = new widgets::PlaneWidget(widgets::Plane::Surface);
    m_column = widgets::column(style::kSpace2);
    m_column->setContentsMargins(14, 12, 14, 12);
    content->setLayout(m_column);
    auto* scroll = new QScrollArea;
    scroll->setWidget(content);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    outer->addWidget(scroll, 1);
}

void ResultCard::clear()
{
    m_progress = nullptr;
    while (auto* item = m_column->takeAt(0)) {
        if (item->widget()) {
            item->widget()->hide();
            item->widget()->deleteLater();
        }
        delete item;
    }
}

void ResultCard::setHead(const QString& icon, int kind, const QString& title, const QString& note)
{
    m_head->icon = icon;
    m_head->kind = kind;
    m_head->title = title;
    m_head->note = note;
    m_head->setAccessibleName(QStringLiteral("%1 %2").arg(title, note));
    m_head->update();
}

void ResultCard::showHint(const QString& text)
{
    clear();
    setHead(QStringLiteral("info"), 0, tr("Result"), {});
    m_column->addWidget(widgets::wrappedLabel(text));
    m_column->addStretch(1);
}

void ResultCard::showProgress(const QString& what, double share)
{
    if (!m_progress) {
        clear();
        setHead(QStringLiteral("clock"), 0, tr("Exporting"), {});
        m_progress = new ProgressLine;
        m_column->addWidget(m_progress);
        auto* cancel = widgets::button(tr("Cancel"));
        m_column->addWidget(cancel, 0, Qt::AlignLeft);
        m_column->addStretch(1);
        connect(cancel, &QPushButton::clicked, this, &ResultCard::cancelRequested);
    }
    m_progress->what = what;
    m_progress->share = share;
    m_progress->update();
}

void ResultCard::showError(const QString& title, const Error& error, const QList<Fix>& fixes)
{
    clear();
    setHead(QStringLiteral("error"), 2, title, toQString(error.codeName()));
    auto* message = widgets::wrappedLabel(toQString(error.message), Tone::Text);
    message->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_column->addWidget(message);
    if (!error.hint.empty())
        m_column->addWidget(widgets::wrappedLabel(toQString(error.hint)));
    auto* buttons = new QWidget;
    auto* line = widgets::row();
    buttons->setLayout(line);
    for (const auto& fix : fixes) {
        auto* button = widgets::button(fix.text);
        line->addWidget(button);
        connect(button, &QPushButton::clicked, this, [run = fix.run] { run(); });
    }
    line->addStretch(1);
    m_column->addWidget(buttons);
    m_column->addStretch(1);
}

void ResultCard::addFacts(const QList<QPair<QString, QString>>& facts, const QString& copied)
{
    auto* box = new QWidget;
    auto* grid = new QGridLayout(box);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setVerticalSpacing(4);
    grid->setColumnMinimumWidth(0, style::scaled(100));
    grid->setColumnStretch(1, 1);
    for (int i = 0; i < facts.size(); ++i) {
        grid->addWidget(widgets::bodyLabel(facts[i].first, Tone::Secondary), i, 0);
        auto* value = i == 0 ? static_cast<widgets::Label*>(new widgets::ElidedLabel(facts[i].second)) : widgets::monoLabel(facts[i].second);
        grid->addWidget(value, i, 1);
    }
    if (!copied.isEmpty()) {
        auto* copy = widgets::iconButton(QStringLiteral("copy"), tr("Copy the hash"));
        grid->addWidget(copy, static_cast<int>(facts.size()) - 1, 2);
        connect(copy, &QToolButton::clicked, this, [copied] { QApplication::clipboard()->setText(copied); });
    }
    m_column->addWidget(box);
}

void ResultCard::addParity(const Json& report)
{
    const Json verification = report.value("verification", Json()), parity = report.value("parity", Json());
    if (verification.is_object()) {
        m_column->addWidget(widgets::headingLabel(tr("Does the file hold what it should?")));
        const double top1 = verification.value("top1_agreement", 0.0), kl = verification.value("mean_kl", 0.0);
        m_column->addWidget(new Measure(tr("Same top token"), QStringLiteral("%1 %").arg(bridge::decimal(100 * top1, 1)), tr("at least 97 %"), top1, kMinTop1, top1 >= kMinTop1));
        m_column->addWidget(new Measure(tr("Mean KL divergence"), bridge::decimal(kl, 4), tr("nats, at most 0.02"), kl / (2 * kMaxKl), 0.5, kl <= kMaxKl));
    }
    if (!parity.is_object())
        return;
    auto* head = new QWidget;
    auto* line = widgets::row(style::kSpace2);
    line->setContentsMargins(0, 4, 0, 0);
    head->setLayout(line);
    line->addWidget(widgets::headingLabel(tr("Same answers as the run?")));
    line->addWidget(widgets::captionLabel(tr("%1, %2 positions").arg(toQString(parity.value("word", ""))).arg(bridge::grouped(parity.value("tokens", qint64(0))))));
    line->addStretch(1);
    m_column->addWidget(head);
    const double top1 = parity.value("top1_agreement", 0.0), kl = parity.value("mean_kl", 0.0);
    m_column->addWidget(new Measure(tr("Same top token"), QStringLiteral("%1 %").arg(bridge::decimal(100 * top1, 1)), tr("close from 97 %"), top1, kMinTop1, top1 >= 0.9));
    m_column->addWidget(new Measure(tr("Mean KL divergence"), bridge::decimal(kl, 4), tr("nats, close up to 0.02"), kl / (5 * kMaxKl), 0.2, kl <= 0.1));
    if (const Json worst = parity.value("worst", Json()); worst.is_object())
        addFacts({{tr("Worst position"), tr("%1 nats, text %2, token %3").arg(bridge::decimal(worst.value("kl", 0.0), 3)).arg(worst.value("sequence", 0) + 1).arg(worst.value("position", 0) + 1)}}, {});
    if (const Json histogram = parity.value("histogram", Json()); histogram.is_object()) {
        QList<qint64> counts;
        for (const auto& count : histogram["counts"])
            counts.append(count.get<qint64>());
        m_column->addWidget(widgets::captionLabel(tr("KL by position, in nats")));
        m_column->addWidget(new Histogram(counts, histogram.value("end", 1.0)));
    }
}

/// The first places where the file would write another token than the run.
void ResultCard::addDifferences(const Json& report)
{
    const Json list = report.value("differences", Json::array());
    if (list.empty())
        return;
    auto* head = new QWidget;
    auto* line = widgets::row(style::kSpace2);
    head->setLayout(line);
    line->addWidget(widgets::captionLabel(tr("First token that differs")));
    line->addStretch(1);
    m_column->addWidget(head);
    QList<QWidget*> rest;
    for (std::size_t i = 0; i < list.size(); ++i) {
        const QString context = toQString(list[i].value("context", "")).simplified();
        auto* box = new QWidget;
        auto* grid = new QGridLayout(box);
        grid->setContentsMargins(0, 0, 0, 4);
        grid->setColumnStretch(1, 1);
        const QString run = context + QLatin1Char(' ') + toQString(list[i].value("run", "")).trimmed(), file = context + QLatin1Char(' ') + toQString(list[i].value("file", "")).trimmed();
        for (const bool isRun : {true, false}) {
            auto* text = new widgets::DiffLabel;
            text->setTexts(isRun ? file : run, isRun ? run : file, widgets::DiffStyle::Different);
            grid->addWidget(widgets::captionLabel(isRun ? tr("run") : tr("file")), isRun ? 0 : 1, 0, Qt::AlignTop);
            grid->addWidget(text, isRun ? 0 : 1, 1);
        }
        m_column->addWidget(box);
        box->setVisible(i == 0);
        if (i > 0)
            rest.append(box);
    }
    if (rest.isEmpty())
        return;
    auto* all = widgets::smallButton(tr("Show all %1").arg(list.size()), widgets::ButtonRole::Ghost);
    line->addWidget(all);
    connect(all, &QPushButton::clicked, this, [rest, all] {
        for (auto* box : rest)
            box->show();
        all->hide();
    });
}

void ResultCard::addCommand(const Json& report)
{
    const QString path = toQString(report.value("path", "")), command = useCommand(report);
    const std::string target = report.value("target", "");
    auto* head = new QWidget;
    auto* line = widgets::row();
    head->setLayout(line);
    line->addWidget(widgets::captionLabel(target == "ollama" ? tr("Make it known to Ollama") : target == "peft" ? tr("Use it in Python") : target == "merged" ? tr("Serve it with vLLM") : tr("Run it with llama.cpp")));
    line->addStretch(1);
    auto* copy = widgets::smallButton(tr("Copy"), widgets::ButtonRole::Ghost);
    copy->setIcon(style::icon(QStringLiteral("copy")));
    line->addWidget(copy);
    m_column->addWidget(head);
    auto* text = widgets::textView();
    text->setPlainText(command);
    text->setAccessibleName(tr("Command"));
    text->setFixedHeight(style::scaled(54));
    text->setProperty("field", true);
    text->setLayoutDirection(Qt::LeftToRight);
    m_column->addWidget(text);
    auto* buttons = new QWidget;
    auto* row = widgets::row();
    buttons->setLayout(row);
    const bool canTry = target == "gguf" || target == "merged" || target == "gguf-lora" || target == "peft";
    auto* tryOut = widgets::button(tr("Try out the exported file"), widgets::ButtonRole::Primary);
    tryOut->setVisible(canTry);
    tryOut->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    auto* open = widgets::button(tr("Open folder"));
    row->addWidget(tryOut, 1);
    row->addWidget(open);
    if (!canTry)
        row->addStretch(1);
    m_column->addWidget(buttons);
    connect(copy, &QPushButton::clicked, this, [command] { QApplication::clipboard()->setText(QString(command).replace(QLatin1String("\\\n  "), QString()).replace(QLatin1String("\n  "), QString())); });
    connect(open, &QPushButton::clicked, this, [path] { QDesktopServices::openUrl(QUrl::fromLocalFile(QFileInfo(path).isDir() ? path : QFileInfo(path).absolutePath())); });
    connect(tryOut, &QPushButton::clicked, this, [this, path] { emit tryOutRequested(path); });
}

void ResultCard::showReport(const Json& report)
{
    clear();
    const bool verified = report.value("verified", false);
    QString note = bridge::when(toQString(report.value("created", "")));
    if (const double seconds = report.value("seconds", 0.0); seconds > 0)
        note = tr("%1, took %2").arg(note, bridge::duration(seconds));
    setHead(verified ? QStringLiteral("success") : QStringLiteral("info"), verified ? 1 : 0, verified ? tr("Exported and checked") : tr("Exported, not checked"), report.contains("created") ? note : QString());
    const QString path = toQString(report.value("path", "")), hash = toQString(report.value("sha256", ""));
    QList<QPair<QString, QString>> facts {{QFileInfo(path).isDir() ? tr("Folder") : tr("File"), QFileInfo(path).fileName()}, {tr("Size"), bridge::size(report.value("bytes", 0.0))}};
    if (!hash.isEmpty())
        facts.append({tr("SHA-256"), hash.left(8) + QStringLiteral("…") + hash.right(7)});
    addFacts(facts, hash);
    addParity(report);
    addDifferences(report);
    m_column->addStretch(1);
    addCommand(report);
}

void ResultCard::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    style::drawBox(&painter, rect(), style::tokens().surface, style::tokens().border, style::kPanelRadius);
}

}
