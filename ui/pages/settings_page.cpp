// SPDX-License-Identifier: GPL-3.0-or-later
#include "pages/pages.h"
#include "pipeline/versions.h"
#include "style/metrics.h"
#include "style/theme.h"
#include "widgets/page_header.h"
#include "widgets/panel.h"

#include <QBoxLayout>
#include <QCheckBox>
#include <QDesktopServices>
#include <QGridLayout>
#include <QScrollArea>
#include <QUrl>

namespace attune::pages {

using bridge::toQString;
using widgets::Tone;

/// What is the same for all runs: looks, charts, where things lie, keys, versions.
class SettingsPage final : public shell::Page
{
    Q_DECLARE_TR_FUNCTIONS(attune::pages::SettingsPage)
public:
    explicit SettingsPage(shell::Context& context)
        : Page(context)
    {
        auto* layout = widgets::column();
        setLayout(layout);
        layout->addWidget(new widgets::PageHeader(tr("Settings")));
        auto* content = new widgets::PlaneWidget(widgets::Plane::Surface);
        auto* column = widgets::column(style::kSpace2);
        column->setContentsMargins(16, 12, 16, 16);
        content->setLayout(column);
        addAppearance(column);
        addStorage(column);
        addKeys(column);
        addAbout(column);
        column->addStretch(1);
        auto* scroll = new QScrollArea;
        scroll->setWidget(content);
        scroll->setWidgetResizable(true);
        scroll->setFrameShape(QFrame::NoFrame);
        layout->addWidget(scroll, 1);
    }

private:
    QGridLayout* section(QBoxLayout* layout, const QString& name)
    {
        if (layout->count() > 0) {
            layout->addSpacing(style::kSpace2);
            layout->addWidget(new widgets::Hairline);
        }
        layout->addWidget(widgets::headingLabel(name));
        auto* grid = new QGridLayout;
        grid->setColumnMinimumWidth(0, 180);
        grid->setColumnStretch(2, 1);
        grid->setVerticalSpacing(6);
        layout->addLayout(grid);
        return grid;
    }

    static void add(QGridLayout* grid, const QString& name, QWidget* field, const QString& hint = {})
    {
        const int line = grid->rowCount();
        auto* label = widgets::bodyLabel(name, Tone::Secondary);
        label->setBuddy(field);
        grid->addWidget(label, line, 0);
        grid->addWidget(field, line, 1, Qt::AlignLeft);
        if (!hint.isEmpty())
            grid->addWidget(widgets::captionLabel(hint), line, 2);
    }

    void addAppearance(QBoxLayout* layout)
    {
        auto* grid = section(layout, tr("Appearance"));
        auto* theme = new widgets::SegmentedControl({tr("As the system"), tr("Light"), tr("Dark")});
        theme->setAccessibleName(tr("Theme"));
        theme->setCurrentIndex(static_cast<int>(style::theme()));
        add(grid, tr("Theme"), theme);
        connect(theme, &widgets::SegmentedControl::currentChanged, this, [this](int index) {
            style::applyTheme(static_cast<style::Theme>(index));
            m_context.settings.setValue(QStringLiteral("appearance/theme"), style::themeName(style::theme()));
        });
        auto* font = new QCheckBox(tr("Use the system font"));
        font->setChecked(m_context.settings.value(QStringLiteral("appearance/systemFont")).toBool());
        add(grid, tr("Font"), font, tr("Takes effect with the next start."));
        connect(font, &QCheckBox::toggled, this, [this](bool on) { m_context.settings.setValue(QStringLiteral("appearance/systemFont"), on); });
    }

    void addStorage(QBoxLayout* layout)
    {
        auto* grid = section(layout, tr("Storage"));
        auto* path = widgets::monoLabel(m_context.workspace.path());
        path->setTextInteractionFlags(Qt::TextSelectableByMouse);
        add(grid, tr("Workspace"), path);
        auto* open = widgets::button(tr("Open folder"));
        add(grid, QString(), open, tr("Datasets, runs, exports and the history lie there. Start with --workspace to use another."));
        connect(open, &QPushButton::clicked, this, [this] { QDesktopServices::openUrl(QUrl::fromLocalFile(m_context.workspace.path())); });
    }

    void addKeys(QBoxLayout* layout)
    {
        auto* grid = section(layout, tr("Keys"));
        const QList<QPair<QString, QString>> keys {{tr("Pages"), QStringLiteral("Ctrl+1 … Ctrl+9")}, {tr("Add data"), QStringLiteral("Ctrl+O")}, {tr("Add a model"), QStringLiteral("Ctrl+Shift+O")},
            {tr("New run"), QStringLiteral("Ctrl+N")}, {tr("Start training"), QStringLiteral("Ctrl+Return")}, {tr("Fold the sidebar"), QStringLiteral("Ctrl+B")}, {tr("Charts: show everything"), QStringLiteral("0")}};
        for (const auto& [name, key] : keys)
            add(grid, name, widgets::monoLabel(key));
    }

    void addAbout(QBoxLayout* layout)
    {
        auto* grid = section(layout, tr("About"));
        const Json versions = pipeline::versions();
        for (const auto& [key, value] : versions.items())
            add(grid, toQString(key), widgets::monoLabel(value.is_string() ? toQString(value.get<std::string>()) : toQString(toLine(value))));
        add(grid, tr("qt"), widgets::monoLabel(QLatin1String(qVersion())));
        add(grid, tr("licence"), widgets::bodyLabel(tr("GPL-3.0-or-later; third-party notices in packaging/THIRD_PARTY.md")));
    }
};

shell::Page* makeSettings(shell::Context& context)
{
    return new SettingsPage(context);
}

}
