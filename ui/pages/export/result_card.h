// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/json.h"
#include "base/result.h"
#include "widgets/panel.h"

namespace attune::pages {

/// What an export came to: facts, each measure against its limit, the worst case, the first differing token, the command.
/// Or what is going on, or what went wrong and what to do about it.
class ResultCard final : public QWidget
{
    Q_OBJECT
public:
    explicit ResultCard(QWidget* parent = nullptr);
    void showHint(const QString& text);
    void showProgress(const QString& what, double share);
    /// report: the fields of an ExportReport with target, type, created, seconds.
    void showReport(const Json& report);
    struct Fix { QString text; std::function<void()> run; };
    void showError(const QString& title, const Error& error, const QList<Fix>& fixes);
    bool isProgress() const { return m_progress != nullptr; }

signals:
    void cancelRequested();
    void tryOutRequested(const QString& path);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    class Head;
    class Histogram;
    class Measure;
    class ProgressLine;
    void clear();
    void setHead(const QString& icon, int kind, const QString& title, const QString& note);
    void addFacts(const QList<QPair<QString, QString>>& facts, const QString& copied);
    void addParity(const Json& report);
    void addDifferences(const Json& report);
    void addCommand(const Json& report);

    Head* m_head = nullptr;
    QVBoxLayout* m_column = nullptr;
    ProgressLine* m_progress = nullptr;
};

/// How the exported file is used, as a command.
QString useCommand(const Json& report);

}
