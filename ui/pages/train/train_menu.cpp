// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/train/train_menu.h"

#include "base/file.h"
#include "bridge/text.h"
#include "pipeline/convert_folder.h"
#include "pipeline/convert_from.h"
#include "style/icons.h"

#include <QApplication>
#include <QClipboard>
#include <QFileDialog>
#include <QMenu>
#include <QMessageBox>
#include <QRegularExpression>

namespace attune::pages {

using bridge::toQString;
using bridge::toStd;

namespace {

/// A path as a shell takes it.
QString quoted(const QString& path)
{
    static const QRegularExpression plain(QStringLiteral("^[A-Za-z0-9_./~@:+-]+$"));
    return plain.match(path).hasMatch() ? path : QLatin1Char('\'') + QString(path).replace(QLatin1Char('\''), QStringLiteral("'\\''")) + QLatin1Char('\'');
}

QString joined(const std::vector<std::string>& lines)
{
    QStringList all;
    for (const auto& line : lines)
        all.append(QStringLiteral("• ") + toQString(line));
    return all.join(QLatin1Char('\n'));
}

}

TrainMenu::TrainMenu(shell::Context& context, RecipeDraft& draft, QWidget* parent)
    : QObject(parent)
    , m_context(context)
    , m_draft(draft)
    , m_parent(parent)
{
}

void TrainMenu::fill(QMenu& menu)
{
    connect(menu.addAction(style::icon(QStringLiteral("terminal")), tr("&Copy as command")), &QAction::triggered, this, &TrainMenu::copyCommand);
    menu.addSeparator();
    const QList<QPair<QString, QString>> targets {{QStringLiteral("axolotl"), tr("Export for &axolotl…")}, {QStringLiteral("trl"), tr("Export for &TRL…")},
        {QStringLiteral("llamafactory"), tr("Export for &LLaMA-Factory…")}};
    for (const auto& [target, text] : targets)
        connect(menu.addAction(text), &QAction::triggered, this, [this, target = target] { exportFor(target); });
    menu.addSeparator();
    connect(menu.addAction(tr("Read an a&xolotl configuration…")), &QAction::triggered, this, [this] { readFrom(QStringLiteral("axolotl")); });
    connect(menu.addAction(tr("Read a &PEFT adapter's configuration…")), &QAction::triggered, this, [this] { readFrom(QStringLiteral("peft")); });
    menu.addSeparator();
    auto* reset = menu.addAction(style::icon(QStringLiteral("reset")), tr("&Reset to the preset"));
    reset->setEnabled(!m_draft.changedLabels().isEmpty());
    connect(reset, &QAction::triggered, this, [this] {
        const auto before = m_draft.recipe();
        m_draft.resetToPreset();
        m_context.navigator.toast(tr("All settings are the preset's again."), [this, before] { m_draft.load(before); });
    });
}

void TrainMenu::copyCommand()
{
    const QString workspace = m_context.workspace.path();
    const std::string name = m_draft.recipe().name().empty() ? "recipe" : m_draft.recipe().name();
    const std::string path = m_context.workspace.stdPath() + "/" + name + ".yaml";
    if (auto status = writeFileAtomically(path, m_draft.recipe().toYaml()); !status) {
        m_context.navigator.toast(toQString(status.error().message));
        return;
    }
    QApplication::clipboard()->setText(QStringLiteral("attune --workspace %1 run start %2").arg(quoted(workspace), quoted(toQString(path))));
    m_context.navigator.toast(tr("Copied. The recipe lies in %1").arg(toQString(path)));
}

void TrainMenu::exportFor(const QString& target)
{
    const QString folder = QFileDialog::getExistingDirectory(m_parent, tr("Folder for config.yaml, the rows and a README"));
    if (folder.isEmpty())
        return;
    auto converted = std::make_shared<pipeline::ConvertedRecipe>();
    const std::string workspace = m_context.workspace.stdPath(), out = toStd(folder), to = toStd(target);
    m_context.jobs.start(tr("Exporting for %1").arg(target),
        [=, recipe = m_draft.recipe()](const JobContext& job) -> Status {
            ATTUNE_TRY(const auto store, store::Store::open(workspace));
            ATTUNE_TRY(*converted, pipeline::writeConversion(*store, recipe, to, out, job));
            return {};
        },
        this,
        [this, converted, folder](const Status& status) {
            if (!status)
                return m_context.navigator.toast(toQString(status.error().message + " " + status.error().hint));
            QMessageBox box(QMessageBox::Information, tr("Exported"), tr("config.yaml, the rows and a README are in %1.").arg(folder), QMessageBox::Close, m_parent);
            box.setInformativeText(tr("Start it there with: %1").arg(toQString(converted->command)));
            if (!converted->unmapped.empty())
                box.setDetailedText(tr("What does not map:\n%1").arg(joined(converted->unmapped)));
            box.exec();
        });
}

void TrainMenu::readFrom(const QString& source)
{
    const QString path = source == QLatin1String("peft") ? QFileDialog::getExistingDirectory(m_parent, tr("Folder of a PEFT adapter"))
                                                         : QFileDialog::getOpenFileName(m_parent, tr("An axolotl configuration"), {}, tr("YAML (*.yaml *.yml)"));
    if (path.isEmpty())
        return;
    auto read = pipeline::readForeignRecipe(toStd(path), toStd(source));
    if (!read)
        return m_context.navigator.toast(toQString(read.error().message + " " + read.error().hint));
    const auto before = m_draft.recipe();
    m_draft.load(std::move(read->recipe));
    const QString lost = read->unmapped.empty() ? QString() : tr(" %1 settings do not map: %2").arg(read->unmapped.size()).arg(toQString(read->unmapped.front()));
    m_context.navigator.toast(tr("The form shows what was read.") + lost, [this, before] { m_draft.load(before); });
}

}
