// SPDX-License-Identifier: GPL-3.0-or-later
// What is in each section; see settings_page.h.
#include "pages/settings/settings_page.h"

#include "base/file.h"
#include "pages/health_words.h"
#include "pipeline/versions.h"
#include "plots/series.h"
#include "style/metrics.h"
#include "style/theme.h"
#include "widgets/panel.h"

#include <QAction>
#include <QCheckBox>
#include <QComboBox>
#include <QDesktopServices>
#include <QDirIterator>
#include <QGridLayout>
#include <QListWidget>
#include <QMessageBox>
#include <QUrl>

namespace attune::pages {

using bridge::toQString;
using widgets::Tone;

namespace {

double bytesBelow(const QString& path)
{
    double bytes = 0;
    QDirIterator it(path, QDir::Files | QDir::Hidden, QDirIterator::Subdirectories);
    while (it.hasNext())
        bytes += static_cast<double>(QFileInfo(it.next()).size());
    return bytes;
}

}

void SettingsPage::addGeneral()
{
    addSection(QStringLiteral("general"), tr("General"), {});
    auto* theme = new widgets::SegmentedControl({tr("As the system"), tr("Light"), tr("Dark")});
    theme->setAccessibleName(tr("Theme"));
    theme->setCurrentIndex(static_cast<int>(style::theme()));
    addRow(tr("Theme"), theme);
    connect(theme, &widgets::SegmentedControl::currentChanged, this, [this](int index) {
        style::applyTheme(static_cast<style::Theme>(index));
        m_context.settings.setValue(QStringLiteral("appearance/theme"), style::themeName(style::theme()));
    });
    auto* size = new QComboBox;
    size->setAccessibleName(tr("Text size"));
    for (const int percent : {90, 100, 110, 125, 150})
        size->addItem(tr("%1 %").arg(percent), percent);
    size->setCurrentIndex(std::max(0, size->findData(m_context.settings.value(QStringLiteral("appearance/textSize"), 100).toInt())));
    addRow(tr("Text size"), size, tr("Of the system's. Takes effect with the next start."));
    connect(size, &QComboBox::currentIndexChanged, this, [this, size] { m_context.settings.setValue(QStringLiteral("appearance/textSize"), size->currentData()); });
    auto* font = new QCheckBox(tr("Use the system font"));
    font->setChecked(m_context.settings.value(QStringLiteral("appearance/systemFont")).toBool());
    addRow(tr("Font"), font, tr("Takes effect with the next start."));
    connect(font, &QCheckBox::toggled, this, [this](bool on) { m_context.settings.setValue(QStringLiteral("appearance/systemFont"), on); });
}

void SettingsPage::addFolders()
{
    addSection(QStringLiteral("folders"), tr("Folders and storage"), tr("Datasets, runs, exports and the history lie in the workspace. Start with --workspace to use another."));
    auto* path = widgets::monoLabel(m_context.workspace.path());
    path->setTextInteractionFlags(Qt::TextSelectableByMouse);
    addRow(tr("Workspace"), path);
    m_free = widgets::monoLabel({});
    addRow(tr("Free disk"), m_free);
    auto* open = widgets::button(tr("Open folder"), widgets::ButtonRole::Secondary, QStringLiteral("folder"));
    addRow(tr("In the file manager"), open);
    connect(open, &QPushButton::clicked, this, [this] { QDesktopServices::openUrl(QUrl::fromLocalFile(m_context.workspace.path())); });
    m_trash = widgets::monoLabel(tr("measuring…"));
    addRow(tr("Trash"), m_trash, tr("Runs and datasets that were removed, with their files."));
    m_emptyTrash = widgets::button(tr("Empty trash…"), widgets::ButtonRole::Danger, QStringLiteral("trash"));
    addRow({}, m_emptyTrash);
    connect(m_emptyTrash, &QPushButton::clicked, this, &SettingsPage::emptyTrash);
    m_cache = widgets::monoLabel(tr("measuring…"));
    addRow(tr("Token cache"), m_cache, tr("Datasets as tokens. They are made again when they are needed; runs keep their own."));
    m_emptyCache = widgets::button(tr("Clear cache"));
    addRow({}, m_emptyCache);
    connect(m_emptyCache, &QPushButton::clicked, this, [this] {
        bridge::compute<bool>(this, [path = m_context.workspace.stdPath() + "/cache/tokens"] {
            std::error_code error;
            fs::remove_all(path, error);
            return !error;
        }, [this](bool done) {
            m_context.navigator.toast(done ? tr("The token cache is empty.") : tr("The token cache could not be cleared."));
            measureFolders();
        });
    });
}

void SettingsPage::measureFolders()
{
    m_free->setText(bridge::size(static_cast<double>(freeDiskBytes(m_context.workspace.stdPath()))));
    struct Sizes { double trash, cache; };
    bridge::compute<Sizes>(this, [path = m_context.workspace.path()] { return Sizes {bytesBelow(path + QStringLiteral("/.trash")), bytesBelow(path + QStringLiteral("/cache/tokens"))}; },
        [this](Sizes sizes) {
            m_trash->setText(sizes.trash > 0 ? bridge::size(sizes.trash) : tr("empty"));
            m_emptyTrash->setEnabled(sizes.trash > 0);
            m_emptyTrash->setToolTip(sizes.trash > 0 ? QString() : tr("The trash is empty."));
            m_cache->setText(sizes.cache > 0 ? bridge::size(sizes.cache) : tr("empty"));
            m_emptyCache->setEnabled(sizes.cache > 0);
            m_emptyCache->setToolTip(sizes.cache > 0 ? QString() : tr("The cache is empty."));
        });
}

/// What goes here is gone: this asks.
void SettingsPage::emptyTrash()
{
    QMessageBox box(QMessageBox::Warning, tr("Empty the trash"), tr("Delete what is in the trash for good?"), QMessageBox::NoButton, this);
    box.setInformativeText(tr("%1 of removed runs and datasets cannot be taken back afterwards.").arg(m_trash->text()));
    auto* yes = box.addButton(tr("Delete for good"), QMessageBox::DestructiveRole);
    box.setDefaultButton(box.addButton(QMessageBox::Cancel));
    box.exec();
    if (box.clickedButton() != yes)
        return;
    bridge::compute<bool>(this, [path = m_context.workspace.stdPath() + "/.trash"] {
        std::error_code error;
        for (const auto& entry : fs::directory_iterator(path, error))
            fs::remove_all(entry.path(), error);
        return !error;
    }, [this](bool done) {
        m_context.navigator.toast(done ? tr("The trash is empty.") : tr("Some files in the trash could not be deleted."));
        measureFolders();
    });
}

void SettingsPage::addHardware()
{
    addSection(QStringLiteral("hardware"), tr("Hardware"), tr("What training needs, looked at for real. A run uses the GPU where there is one; Train › Memory says otherwise for one run."));
    auto* look = widgets::button(tr("Look again"), widgets::ButtonRole::Secondary, QStringLiteral("reset"));
    auto* box = new QWidget;
    m_health = new QGridLayout(box);
    m_health->setContentsMargins(0, 0, 0, 0);
    m_health->setHorizontalSpacing(style::kSpace3);
    m_health->setColumnMinimumWidth(0, style::scaled(150));  // as the labels of the other sections
    m_sections.last().grid->addWidget(box, 0, 0, 1, 3);
    m_sections.last().grid->addWidget(look, 1, 0, Qt::AlignLeft);
    m_sections.last().words << QStringLiteral("GPU") << tr("memory") << tr("processor");
    connect(look, &QPushButton::clicked, this, &SettingsPage::lookAtHardware);
}

void SettingsPage::lookAtHardware()
{
    bridge::compute<std::vector<pipeline::HealthCheck>>(this, [path = m_context.workspace.stdPath()] { return pipeline::checkHealth(path); }, [this](std::vector<pipeline::HealthCheck> checks) {
        while (auto* item = m_health->takeAt(0)) {
            delete item->widget();
            delete item;
        }
        int line = 0;
        for (const auto& one : checks) {
            using Health = pipeline::HealthCheck::Status;
            auto* state = widgets::bodyLabel(checkState(one),
                one.status == Health::Pass ? Tone::Success : one.status == Health::Fail ? Tone::Danger : Tone::Warning);
            m_health->addWidget(widgets::bodyLabel(checkName(one), Tone::Secondary), line, 0, Qt::AlignTop);
            m_health->addWidget(state, line, 1, Qt::AlignTop);
            m_health->addWidget(widgets::wrappedLabel(toQString(one.detail + (one.fix.empty() ? "" : " " + one.fix)), Tone::Text), line, 2);
            m_health->setColumnStretch(2, 1);
            ++line;
        }
        scrollTo(m_list->currentRow());  // what one came for may lie below these lines
    });
}

void SettingsPage::addCharts()
{
    addSection(QStringLiteral("charts"), tr("Charts"), tr("How the charts of a run begin; the controls above them change it at once."));
    auto* axis = new QComboBox;
    axis->setAccessibleName(tr("X axis of a run"));
    for (const auto& name : {tr("step"), tr("tokens"), tr("time"), tr("epoch")})
        axis->addItem(name);
    axis->setCurrentIndex(m_context.settings.value(QStringLiteral("charts/axis-run"), 0).toInt());
    addRow(tr("X axis of a run"), axis);
    connect(axis, &QComboBox::currentIndexChanged, this, [this](int index) { m_context.settings.setValue(QStringLiteral("charts/axis-run"), index); });
    auto* outliers = new QComboBox;
    outliers->setAccessibleName(tr("Outliers"));
    for (const auto& name : {tr("all values"), tr("p1–p99"), tr("p5–p95")})
        outliers->addItem(name);
    outliers->setCurrentIndex(m_context.settings.value(QStringLiteral("charts/outliers"), static_cast<int>(plots::Outliers::P99)).toInt());
    addRow(tr("Outliers"), outliers, tr("Which values the y axis has room for; the others get a mark at the edge."));
    connect(outliers, &QComboBox::currentIndexChanged, this, [this](int index) { m_context.settings.setValue(QStringLiteral("charts/outliers"), index); });
}

void SettingsPage::addNotifications()
{
    addSection(QStringLiteral("notifications"), tr("Notifications"), tr("Shown by the desktop while this window is not in front."));
    for (const auto& [key, text] : {std::pair {QStringLiteral("notify/finished"), tr("When a run is done or stops by itself")}, {QStringLiteral("notify/alerts"), tr("When a safety rule speaks")},
             {QStringLiteral("notify/jobs"), tr("When an export or import is done")}}) {
        auto* box = new QCheckBox(text);
        box->setChecked(m_context.settings.value(key, true).toBool());
        addRow({}, box);
        connect(box, &QCheckBox::toggled, this, [this, key = key](bool on) { m_context.settings.setValue(key, on); });
    }
}

void SettingsPage::addPrivacy()
{
    addSection(QStringLiteral("privacy"), tr("Privacy"), tr("Attune sends nothing. It reads the files that you give it and writes into the workspace; there is no account, no telemetry and no update check."));
    auto* diagnostics = widgets::bodyLabel(tr("Help › Copy diagnostics puts versions and this computer's figures on the clipboard, without paths of your home folder and without your data."));
    diagnostics->setWordWrap(true);
    diagnostics->setMinimumWidth(style::scaled(420));
    addRow(tr("Diagnostics"), diagnostics);
}

void SettingsPage::addShortcuts()
{
    addSection(QStringLiteral("shortcuts"), tr("Keyboard shortcuts"), tr("Every action of the menus can also be found with Ctrl+K."));
}

/// From the menus themselves, so that the list is never wrong.
void SettingsPage::fillShortcuts()
{
    for (auto& section : m_sections) {
        if (section.key != QLatin1String("shortcuts") || section.grid->count() > 0 || !window())
            continue;
        int line = 0;
        const auto add = [&](const QString& name, const QString& key) {
            section.grid->addWidget(widgets::bodyLabel(name), line, 0);
            section.grid->addWidget(widgets::monoLabel(key), line++, 1);
            section.words << name;
        };
        for (const auto* action : window()->findChildren<QAction*>())
            if (!action->shortcut().isEmpty() && !action->text().isEmpty())
                add(QString(action->text()).remove(QLatin1Char('&')), action->shortcut().toString(QKeySequence::NativeText));
        add(tr("Charts: in, out, left, right, everything"), QStringLiteral("+  −  ←  →  0"));
        add(tr("Charts: full size"), QStringLiteral("F11"));
        add(tr("Runs: into the chart"), QStringLiteral("Space"));
        section.grid->setColumnMinimumWidth(0, style::scaled(260));
    }
}

void SettingsPage::addAbout()
{
    addSection(QStringLiteral("about"), tr("About"), {});
    const Json versions = pipeline::versions();
    for (const auto& [key, value] : versions.items())
        addRow(toQString(key), widgets::monoLabel(value.is_string() ? toQString(value.get<std::string>()) : value.is_null() ? tr("none") : toQString(toLine(value))));
    addRow(QStringLiteral("qt"), widgets::monoLabel(QLatin1String(qVersion())));
    addRow(tr("licence"), widgets::bodyLabel(tr("GPL-3.0-or-later; third-party notices in packaging/THIRD_PARTY.md")));
}

}
