// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/export/destinations.h"

#include "style/fonts.h"
#include "style/icons.h"
#include "style/metrics.h"
#include "style/paint.h"
#include "style/tokens.h"
#include "widgets/panel.h"

#include <QCoreApplication>
#include <QPainter>
#include <QStandardPaths>

#include <array>

namespace attune::pages {

namespace {
constexpr int kRow = 48;
}

std::span<const Destination> destinations()
{
    static constexpr std::array<Destination, 5> table {{
        {"gguf", "terminal", QT_TRANSLATE_NOOP("attune::pages::ExportPage", "llama.cpp, LM Studio, Jan"), QT_TRANSLATE_NOOP("attune::pages::ExportPage", "One GGUF file with the adapter merged in. Runs anywhere."), true, ".gguf"},
        {"ollama", "tryout", QT_TRANSLATE_NOOP("attune::pages::ExportPage", "Ollama"), QT_TRANSLATE_NOOP("attune::pages::ExportPage", "GGUF and Modelfile with the right template; the command is shown."), false, ""},
        {"gguf-lora", "link", QT_TRANSLATE_NOOP("attune::pages::ExportPage", "llama.cpp, small LoRA file"), QT_TRANSLATE_NOOP("attune::pages::ExportPage", "Only the adapter as GGUF, for a base GGUF that you already have."), false, ".gguf"},
        {"peft", "model", QT_TRANSLATE_NOOP("attune::pages::ExportPage", "Hugging Face adapter (PEFT)"), QT_TRANSLATE_NOOP("attune::pages::ExportPage", "adapter_model.safetensors and adapter_config.json."), false, ""},
        {"merged", "folder", QT_TRANSLATE_NOOP("attune::pages::ExportPage", "Full model, 16-bit"), QT_TRANSLATE_NOOP("attune::pages::ExportPage", "Merged safetensors with tokenizer, for vLLM or further training."), false, ""},
    }};
    return table;
}

std::span<const ExportType> exportTypes()
{
    // Bits: llama.cpp's block layouts (Q4_K 4.5, Q5_K 5.5, Q6_K 6.5625, Q8_0 8.5, Q5_0 5.5, Q5_1 6), the _M mixes averaged
    // over the layers that they give a type more.
    static constexpr std::array<ExportType, 5> table {{
        {"Q4_K_M", QT_TRANSLATE_NOOP("attune::pages::ExportPage", "recommended: small, close"), 4.83, 5.9, 6.56},
        {"Q5_K_M", QT_TRANSLATE_NOOP("attune::pages::ExportPage", "a little closer"), 5.67, 6.6, 6.56},
        {"Q6_K", QT_TRANSLATE_NOOP("attune::pages::ExportPage", "close"), 6.56, 8.5, 6.56},
        {"Q8_0", QT_TRANSLATE_NOOP("attune::pages::ExportPage", "nearly as 16-bit"), 8.5, 8.5, 8.5},
        {"F16", QT_TRANSLATE_NOOP("attune::pages::ExportPage", "reference, no loss"), 16, 16, 16},
    }};
    return table;
}

ExportSize exportSize(const Destination& destination, const ExportType& type, const families::ModelSource& base, double adapterBytes)
{
    ExportSize size;
    const double all = static_cast<double>(base.parameters);
    const std::string_view target = destination.target;
    if (target == "peft" || target == "gguf-lora") {
        size.result = target == "peft" ? adapterBytes : adapterBytes / 2;  // checkpoints keep float32, the file float16
        size.working = size.result;
        return size;
    }
    size.bitsPerWeight = 16;
    if (destination.hasType || target == "ollama") {
        const auto& used = target == "ollama" ? exportTypes()[3] : type;
        const double table = static_cast<double>(base.spec.vocabSize) * static_cast<double>(base.spec.hiddenSize) * (base.spec.tiedEmbeddings ? 1 : 2);
        const bool hasBlocks = base.spec.hiddenSize % 256 == 0;
        const double tableBits = hasBlocks ? used.bitsTable : std::max(used.bitsTable, used.bits < 8 ? 8.5 : used.bitsTable);
        const double rest = std::max(0.0, all - table);
        size.bitsPerWeight = all > 0 ? (std::min(table, all) * tableBits + rest * (hasBlocks ? used.bits : used.bitsElse)) / all : 16;
    }
    size.result = all * size.bitsPerWeight / 8;
    // Quantising goes through a 16-bit file that is removed afterwards.
    size.working = size.result + (size.bitsPerWeight < 16 ? all * 2 : 0);
    return size;
}

QString targetNote(const Destination& destination)
{
    if (std::string_view(destination.target) == "ollama" && QStandardPaths::findExecutable(QStringLiteral("ollama")).isEmpty())
        return QCoreApplication::translate("attune::pages::ExportPage", "Ollama was not found: the command is shown to run by hand.");
    return {};
}

DestinationRow::DestinationRow(const Destination& destination, QWidget* parent)
    : QAbstractButton(parent)
    , m_icon(QLatin1String(destination.icon))
    , m_name(QCoreApplication::translate("attune::pages::ExportPage", destination.name))
    , m_sentence(targetNote(destination).isEmpty() ? QCoreApplication::translate("attune::pages::ExportPage", destination.sentence) : targetNote(destination))
{
    setCheckable(true);
    setAutoExclusive(true);
    setFixedHeight(style::scaled(kRow));
    setAttribute(Qt::WA_Hover);
    setAccessibleName(m_name);
    setAccessibleDescription(m_sentence);
    setToolTip(m_sentence);
    setObjectName(QStringLiteral("target-") + QLatin1String(destination.target));
}

void DestinationRow::setSize(const QString& size)
{
    m_size = size;
    fit();
    update();
}

int DestinationRow::sizeWidth() const
{
    return m_size.isEmpty() ? 0 : QFontMetrics(style::mono()).horizontalAdvance(m_size) + 12;
}

int DestinationRow::sentenceWidth() const
{
    return width() - 96 - sizeWidth();
}

void DestinationRow::fit()
{
    const QFontMetrics metrics(style::caption());
    const bool isLong = metrics.horizontalAdvance(m_sentence) > sentenceWidth();
    setFixedHeight(style::scaled(kRow) + (isLong ? metrics.lineSpacing() : 0));
}

void DestinationRow::resizeEvent(QResizeEvent* event)
{
    QAbstractButton::resizeEvent(event);
    fit();
}

void DestinationRow::paintEvent(QPaintEvent*)
{
    const auto& t = style::tokens();
    QPainter painter(this);
    painter.fillRect(rect(), isChecked() ? t.accentWeak : underMouse() ? t.hover : t.surface);
    widgets::drawLineAbove(&painter, *this);
    const auto visual = [this](const QRect& r) { return QStyle::visualRect(layoutDirection(), rect(), r); };
    const QRect mark = visual(QRect(14, height() / 2 - 8, 16, 16));
    style::drawBox(&painter, mark, t.surface, isChecked() ? t.accent : t.borderStrong, 8);
    if (isChecked()) {
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(Qt::NoPen);
        painter.setBrush(t.accent);
        painter.drawEllipse(QRectF(mark).center(), 4, 4);
    }
    painter.drawPixmap(visual(QRect(46, height() / 2 - 8, 16, 16)).topLeft(), style::iconPixmap(m_icon, 16, isChecked() ? t.accent : t.text2, devicePixelRatioF()));
    painter.setFont(style::mono());
    const int room = sizeWidth();
    painter.setPen(t.text);
    painter.drawText(visual(QRect(width() - room - 8, 0, room, height())), style::textFlags(m_size, layoutDirection()), m_size);
    const int textWidth = sentenceWidth();
    painter.setFont(style::body(style::Weight::Medium));
    painter.drawText(visual(QRect(74, 6, textWidth, 20)), style::textFlags(m_name, layoutDirection()), m_name);
    painter.setFont(style::caption());
    painter.setPen(t.text2);
    painter.drawText(visual(QRect(74, 25, textWidth, height() - 30)), style::textFlags(m_sentence, layoutDirection()) | Qt::TextWordWrap, m_sentence);
    if (hasFocus())
        style::drawBox(&painter, rect().adjusted(1, 1, -1, -2), QColor(), t.accent, style::kRadius, 2.0);
}

}
