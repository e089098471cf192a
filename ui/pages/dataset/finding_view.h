// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "cleaner/scan.h"
#include "importer/dataset.h"

#include <QTextBrowser>

namespace attune::pages {

/// A row with all its texts, the place of a finding marked and named in it.
class FindingView : public QTextBrowser
{
    Q_OBJECT
public:
    explicit FindingView(QWidget* parent = nullptr);
    /// label: what stands before the marked place, "E-mail".
    void showFinding(const importer::DatasetPtr& rows, const cleaner::Finding& finding, const QString& label);
    void say(const QString& text);

protected:
    void changeEvent(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    void render();
    void part(const QString& name, const QString& text, bool isHere);

    importer::DatasetPtr m_data;
    cleaner::Finding m_finding;
    QString m_label, m_message;
};

}
