// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "families/model_source.h"
#include "pipeline/recipe.h"

#include <QAbstractButton>

#include <span>

namespace attune::pages {

/// Where an export is to be used; the format follows from it.
struct Destination {
    const char* target;    ///< of core/exporter
    const char* icon;
    const char* name;
    const char* sentence;
    bool hasType;          ///< how many bits is a choice
    const char* suffix;    ///< of the file; empty: a folder
};
std::span<const Destination> destinations();

/// How many bits a weight gets, and what that is good for.
struct ExportType {
    const char* type;
    const char* good;
    double bits;           ///< of weights that come in blocks of 256, on average
    double bitsElse;       ///< of weights that do not: llama.cpp then takes a type with blocks of 32
    double bitsTable;      ///< of the token table
};
std::span<const ExportType> exportTypes();

/// About how large the result will be, in bytes, and what else lies on the disk while it is made.
struct ExportSize { double result = 0, working = 0, bitsPerWeight = 0; };
ExportSize exportSize(const Destination& destination, const ExportType& type, const families::ModelSource& base, double adapterBytes);

/// What this computer cannot do with an export, in words; empty: nothing in the way.
QString targetNote(const Destination& destination);

/// A choice of the list: radio mark, icon, name, sentence and size; the whole row is the target. Arrow keys move.
class DestinationRow final : public QAbstractButton
{
    Q_OBJECT
public:
    explicit DestinationRow(const Destination& destination, QWidget* parent = nullptr);
    void setSize(const QString& size);

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    int sizeWidth() const;
    int sentenceWidth() const;
    /// Grows by a line where the sentence needs two.
    void fit();

    QString m_icon, m_name, m_sentence, m_size;
};

}
