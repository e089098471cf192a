// SPDX-License-Identifier: GPL-3.0-or-later
// The export itself, and what went wrong; see export_page.h.
#include "pages/export/export_page.h"

#include "base/file.h"
#include "pages/export/result_card.h"

#include <QApplication>
#include <QClipboard>
#include <QDateTime>
#include <QDir>
#include <QElapsedTimer>
#include <QFileDialog>
#include <QFileInfo>

namespace attune::pages {

using bridge::toQString;
using bridge::toStd;

void ExportPage::start()
{
    if (!run() || m_job)
        return;
    const QString out = outPath();
    m_context.settings.setValue(QStringLiteral("export/folder"), m_folder->text().trimmed());
    const double needs = m_facts.base ? exportSize(destination(), type(), *m_facts.base, m_facts.adapterBytes).working : 0;
    const double free = static_cast<double>(freeDiskBytes(toStd(out)));
    if (needs > free) {
        Error error {ErrorCode::DiskFull, toStd(tr("It needs about %1 in %2, %3 are free.").arg(bridge::size(needs), QFileInfo(out).absolutePath(), bridge::size(free))), toStd(tr("Choose a folder on another disk, or a smaller type.")), {}, {}};
        m_result->showError(tr("Export not started"), error, {{tr("Choose a folder…"), [this] {
            if (const QString path = QFileDialog::getExistingDirectory(this, tr("Folder for exports"), m_folder->text()); !path.isEmpty())
                m_folder->setText(path);
        }}});
        return;
    }
    if (!QFileInfo::exists(out))
        return startNow(out);
    const QFileInfo there(out);
    QString other;
    for (int i = 2; other.isEmpty() || QFileInfo::exists(other); ++i)
        other = QStringLiteral("%1/%2-%3%4").arg(there.absolutePath(), m_name->text().trimmed()).arg(i).arg(QLatin1String(destination().suffix));
    Error error {ErrorCode::Usage, toStd(tr("%1 already exists (%2, %3).").arg(there.fileName(), bridge::when(there.lastModified().toUTC().toString(Qt::ISODate)), there.isDir() ? tr("a folder") : bridge::size(static_cast<double>(there.size())))), {}, {}, {}};
    m_result->showError(tr("Nothing was written yet"), error, {{tr("Replace"), [this, out] { startNow(out); }}, {tr("Keep both"), [this, other] { startNow(other); }}});
}

void ExportPage::startNow(const QString& out)
{
    const auto* chosen = run();
    if (!chosen || m_job)
        return;
    const auto& to = destination();
    const std::string targetId = to.target, path = toStd(out), workspace = m_context.workspace.stdPath(), folder = toStd(QFileInfo(out).absolutePath());
    const std::string type = to.hasType ? toStd(m_typeTable->currentId()) : targetId == "ollama" ? "auto" : "f16", which = std::to_string(step());
    const bool verify = m_verify->isChecked();
    const store::RunRow row = *chosen;
    auto report = std::make_shared<Json>();
    m_result->showProgress(tr("Starting"), -1);
    m_job = m_context.jobs.start(tr("Export %1").arg(QFileInfo(out).fileName()),
        [=](const JobContext& job) -> Status {
            QElapsedTimer timer;
            timer.start();
            ATTUNE_RETURN_IF_ERROR(makeFolder(folder));
            pipeline::ExportRequest request;
            request.target = targetId;
            request.out = path;
            request.type = type;
            request.verify = verify;
            request.run = row.id;
            ATTUNE_TRY(request.recipe, pipeline::Recipe::read(row.recipe));
            ATTUNE_TRY(request.base, families::openModel(request.recipe.text("model.base")));
            ATTUNE_TRY(auto checkpoint, pipeline::findCheckpoint(row.folder, which, row.bestStep));
            request.checkpoint = checkpoint.folder;
            ATTUNE_TRY(auto* engine, pipeline::openEngine());
            ATTUNE_TRY(const auto made, engine->exportRun(request, job));
            *report = made.toJson();
            (*report)["target"] = targetId;
            (*report)["type"] = type;
            (*report)["step"] = checkpoint.step;
            (*report)["created"] = store::nowUtc();
            (*report)["seconds"] = static_cast<double>(timer.elapsed()) / 1000;
            ATTUNE_TRY(auto store, store::Store::open(workspace));
            return store->putExport(row.id, *report);
        },
        this, [this, report](const Status& status) { finish(status, report); });
    showState();
}

void ExportPage::finish(const Status& status, const std::shared_ptr<Json>& report)
{
    const int job = std::exchange(m_job, 0);
    if (status) {
        const QString path = toQString(report->value("path", ""));
        m_context.jobs.setWhere(job, tr("%1, %2%3").arg(QFileInfo(path).fileName(), bridge::size(report->value("bytes", 0.0)), report->value("verified", false) ? tr(", checked") : QString()));
        m_result->showReport(*report);
        m_export->setText(tr("Export again"));
        m_export->setProperty("role", QString());
        if (m_lmStudio->isChecked() && m_lmStudio->isVisible())
            placeInLmStudio(path);
    } else if (status.error().kind() == ErrorKind::Cancelled) {
        m_result->showHint(tr("The export was cancelled; nothing was left behind."));
    } else {
        showFailure(status.error());
    }
    showState();
}

void ExportPage::showFailure(const Error& error)
{
    QList<ResultCard::Fix> fixes;
    QString title = tr("The export was not made");
    if (error.code == ErrorCode::VerificationFailed) {
        title = tr("The exported file answers differently");
        if (destination().hasType && m_typeTable->currentId() != QLatin1String("Q8_0"))
            fixes.append({tr("Try Q8_0"), [this] {
                m_typeTable->selectId(QStringLiteral("Q8_0"));
                start();
            }});
    } else if (error.code == ErrorCode::Unsupported) {
        title = tr("This destination cannot take it");
        fixes.append({tr("Export the adapter instead"), [this] {
            for (qsizetype i = 0; i < m_targets.size(); ++i)
                if (std::string_view(destinations()[static_cast<std::size_t>(i)].target) == "peft")
                    m_targets[i]->setChecked(true);
        }});
    }
    fixes.append({tr("Copy details"), [error] {
        QApplication::clipboard()->setText(toQString(error.codeName() + "\n" + error.message + "\n" + error.hint + "\n" + error.where));
    }});
    m_result->showError(title, error, fixes);
}

/// LM Studio lists what lies in <models>/<maker>/<name>/.
void ExportPage::placeInLmStudio(const QString& path)
{
    const QString folder = QDir::homePath() + QStringLiteral("/.lmstudio/models/attune/") + QFileInfo(path).completeBaseName();
    std::error_code error;
    fs::create_directories(toStd(folder), error);
    const std::string target = toStd(folder + QLatin1Char('/') + QFileInfo(path).fileName());
    fs::remove(target, error);
    fs::create_hard_link(toStd(path), target, error);
    m_context.navigator.toast(error ? tr("LM Studio has its models on another disk: the file was not linked.") : tr("LM Studio shows it as attune/%1.").arg(QFileInfo(path).completeBaseName()));
}

void ExportPage::copyCommand()
{
    const auto* chosen = run();
    if (!chosen)
        return;
    const auto& to = destination();
    QString command = QStringLiteral("attune export %1 %2 --out \"%3\" --checkpoint %4").arg(QLatin1String(to.target), toQString(chosen->id), outPath()).arg(step());
    if (to.hasType)
        command += QStringLiteral(" --type ") + m_typeTable->currentId();
    if (!m_verify->isChecked())
        command += QStringLiteral(" --no-verify");
    QApplication::clipboard()->setText(command);
    m_context.navigator.toast(tr("The command is on the clipboard."));
}

}
