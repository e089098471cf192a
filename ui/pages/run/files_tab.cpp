// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/run/run_tab.h"
#include "style/metrics.h"
#include "widgets/panel.h"
#include "widgets/table.h"

#include <QApplication>
#include <QBoxLayout>
#include <QClipboard>
#include <QDateTime>
#include <QDesktopServices>
#include <QDirIterator>
#include <QFileInfo>
#include <QUrl>

namespace attune::pages {

using bridge::toQString;

/// What the run left: checkpoints with what they are good for, other files, exports.
class FilesTab final : public RunTab
{
    Q_DECLARE_TR_FUNCTIONS(attune::pages::FilesTab)
public:
    explicit FilesTab(shell::Context& context)
        : RunTab(context)
    {
        auto* outer = widgets::column(style::kSpace2);
        outer->setContentsMargins(16, 10, 16, 12);
        setLayout(outer);
        auto* line = widgets::row(style::kSpace2);
        m_folder = new widgets::ElidedLabel;
        m_folder->setTone(widgets::Tone::Secondary);
        line->addWidget(m_folder, 1);
        auto* open = widgets::button(tr("Open folder"), widgets::ButtonRole::Secondary, QStringLiteral("folder"));
        auto* copy = widgets::button(tr("Copy path"), widgets::ButtonRole::Secondary, QStringLiteral("copy"));
        m_export = widgets::button(tr("Export this checkpoint…"), widgets::ButtonRole::Secondary, QStringLiteral("export"));
        m_tryOut = widgets::button(tr("Try it out"), widgets::ButtonRole::Secondary, QStringLiteral("tryout"));
        for (auto* one : {m_tryOut, m_export, copy, open})
            line->addWidget(one);
        outer->addLayout(line);
        m_table = new widgets::Table({{tr("Name"), 0, false, true}, {tr("What"), 0}, {tr("Step"), 72, true}, {tr("Size"), 100, true}, {tr("Written"), 124}});
        m_table->setAccessibleName(tr("Files of the run"));
        m_table->setSortingEnabled(false);
        outer->addWidget(m_table, 1);
        connect(open, &QPushButton::clicked, this, [this] { QDesktopServices::openUrl(QUrl::fromLocalFile(m_path)); });
        connect(copy, &QPushButton::clicked, this, [this] { QApplication::clipboard()->setText(m_table->currentId().isEmpty() ? m_path : m_path + QLatin1Char('/') + m_table->currentId()); });
        connect(m_table, &widgets::Table::selectionMoved, this, &FilesTab::showActions);
        connect(m_export, &QPushButton::clicked, this, [this] { m_context.navigator.open(shell::PageId::Export, QStringLiteral("%1#%2").arg(m_run).arg(step())); });
        connect(m_tryOut, &QPushButton::clicked, this, [this] { m_context.navigator.open(shell::PageId::TryOut, QStringLiteral("%1#%2").arg(m_run).arg(step())); });
        showActions();
    }

    void show(const RunData& runData) override
    {
        m_run = toQString(runData.row.id);
        m_path = toQString(runData.row.folder);
        m_folder->setText(m_path);
        const auto best = runData.row.bestStep;
        const auto steps = runData.checkpoints;
        bridge::compute<QList<widgets::TableRow>>(this, [path = m_path, best, steps] { return rowsOf(path, best, steps); },
            [this](QList<widgets::TableRow> rows) { m_table->setRows(rows); });
    }

private:
    static double bytesBelow(const QString& path)
    {
        const QFileInfo info(path);
        if (!info.isDir())
            return static_cast<double>(info.size());
        double bytes = 0;
        QDirIterator it(path, QDir::Files, QDirIterator::Subdirectories);
        while (it.hasNext())
            bytes += static_cast<double>(QFileInfo(it.next()).size());
        return bytes;
    }

    static widgets::TableRow row(const QString& folder, const QString& name, const QString& what, const QString& step, std::optional<bool> isBest)
    {
        const QString path = folder + QLatin1Char('/') + name;
        widgets::Cell word {what, {}, widgets::Tone::Secondary};
        if (isBest && *isBest) {
            word.icon = QStringLiteral("flag");
            word.tone = widgets::Tone::Accent;
        }
        return {name, {{name}, word, {step}, {bridge::size(bytesBelow(path))}, {bridge::when(QFileInfo(path).lastModified().toUTC().toString(Qt::ISODate)), {}, widgets::Tone::Secondary}}};
    }

    static QList<widgets::TableRow> rowsOf(const QString& folder, std::int64_t best, const std::vector<pipeline::Checkpoint>& checkpoints)
    {
        QList<widgets::TableRow> rows;
        for (auto it = checkpoints.rbegin(); it != checkpoints.rend(); ++it) {
            const bool isBest = best > 0 && it->step == best;
            const QString what = it->isFullModel() ? tr("checkpoint, all weights") : tr("checkpoint, adapter");
            rows.append(row(folder, toQString(it->folder).mid(folder.size() + 1), isBest ? tr("%1, best").arg(what) : what, bridge::grouped(it->step), isBest));
        }
        const QList<QPair<QString, QString>> known {{QStringLiteral("recipe.yaml"), tr("frozen recipe: starts the same run again")}, {QStringLiteral("log.txt"), tr("log")},
            {QStringLiteral("samples.jsonl"), tr("answers to the sample prompts")}, {QStringLiteral("classes.json"), tr("figures of each class")},
            {QStringLiteral("train.tokens"), tr("training rows as tokens")}, {QStringLiteral("eval.tokens"), tr("evaluation rows as tokens")}};
        for (const auto& [name, what] : known)
            if (QFileInfo::exists(folder + QLatin1Char('/') + name))
                rows.append(row(folder, name, what, {}, {}));
        return rows;
    }

    qint64 step() const
    {
        const QString id = m_table->currentId();
        return id.startsWith(QLatin1String("checkpoints/")) ? id.section(QLatin1Char('-'), -1).toLongLong() : 0;
    }

    void showActions()
    {
        for (auto* one : {m_export, m_tryOut}) {
            one->setEnabled(step() > 0);
            one->setToolTip(step() > 0 ? QString() : tr("Choose a checkpoint first."));
        }
    }

    widgets::ElidedLabel* m_folder = nullptr;
    widgets::Table* m_table = nullptr;
    QPushButton *m_export = nullptr, *m_tryOut = nullptr;
    QString m_run, m_path;
};

RunTab* makeFilesTab(shell::Context& context)
{
    return new FilesTab(context);
}

}
