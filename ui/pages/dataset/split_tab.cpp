// SPDX-License-Identifier: GPL-3.0-or-later
#include "cleaner/cleaned_dataset.h"
#include "pages/dataset/split_form.h"
#include "pages/dataset/tabs.h"
#include "pipeline/dataset_lookup.h"
#include "style/icons.h"
#include "style/metrics.h"
#include "style/tokens.h"
#include "widgets/split_bar.h"

#include <QBoxLayout>
#include <QScrollArea>

namespace attune::pages {

using bridge::toQString;

/// Train, eval and test: how they are divided, how many rows each has, and whether any is in two of them.
class SplitTab final : public DatasetTab
{
    Q_DECLARE_TR_FUNCTIONS(attune::pages::SplitTab)
public:
    explicit SplitTab(shell::Context& context);
    void setDataset(OpenedPtr opened) override;
    void activate() override;

private:
    void showParts();
    void checkLeaks();
    void showLeaks(const cleaner::LeakReport& report);
    void apply();
    bool hasParts() const;
    void say(const QString& icon, const QString& text, widgets::Tone tone);

    OpenedPtr m_opened;
    SplitForm* m_form = nullptr;
    widgets::SplitBar *m_present = nullptr, *m_planned = nullptr;
    widgets::Label *m_presentTitle = nullptr, *m_leaks = nullptr, *m_plannedTitle = nullptr, *m_problem = nullptr;
    QLabel* m_leakIcon = nullptr;
    QPushButton *m_apply = nullptr, *m_review = nullptr;
    int m_job = 0;
    std::string m_checked;  ///< content that leaks were looked for in
};

SplitTab::SplitTab(shell::Context& context)
    : DatasetTab(context)
{
    auto* outer = widgets::column();
    setLayout(outer);
    auto* area = new QScrollArea;
    area->setFrameShape(QFrame::NoFrame);
    area->setWidgetResizable(true);
    auto* page = new widgets::PlaneWidget(widgets::Plane::Surface);
    auto* layout = widgets::column(8);
    layout->setContentsMargins(16, 14, 16, 16);
    page->setLayout(layout);
    area->setWidget(page);
    outer->addWidget(area);
    m_presentTitle = widgets::headingLabel({});
    layout->addWidget(m_presentTitle);
    m_present = new widgets::SplitBar;
    layout->addWidget(m_present);
    auto* leaks = widgets::row(8);
    m_leakIcon = new QLabel;
    m_leaks = widgets::bodyLabel({});
    m_leaks->setObjectName(QStringLiteral("leak-line"));
    m_review = widgets::smallButton(tr("Review"));
    leaks->addWidget(m_leakIcon);
    leaks->addWidget(m_leaks);
    leaks->addWidget(m_review);
    leaks->addStretch(1);
    layout->addLayout(leaks);
    layout->addSpacing(4);
    layout->addWidget(new widgets::Hairline);
    layout->addSpacing(4);
    layout->addWidget(widgets::headingLabel(tr("Divide the rows")));
    m_form = new SplitForm;
    layout->addWidget(m_form);
    layout->addSpacing(4);
    m_plannedTitle = widgets::captionLabel(tr("This gives"));
    layout->addWidget(m_plannedTitle);
    m_planned = new widgets::SplitBar;
    layout->addWidget(m_planned);
    auto* foot = widgets::row(10);
    m_apply = widgets::button(tr("Split"), widgets::ButtonRole::Primary);
    m_apply->setObjectName(QStringLiteral("apply-split"));
    m_problem = widgets::bodyLabel({}, widgets::Tone::Danger);
    foot->addWidget(m_apply);
    foot->addWidget(widgets::captionLabel(tr("Makes a new version; later steps keep every row in its part.")));
    foot->addWidget(m_problem);
    foot->addStretch(1);
    layout->addLayout(foot);
    layout->addStretch(1);
    connect(m_form, &SplitForm::changed, this, &SplitTab::showParts);
    connect(m_apply, &QPushButton::clicked, this, &SplitTab::apply);
    connect(m_review, &QPushButton::clicked, this, [this] {
        m_context.settings.setValue(QStringLiteral("duplicates/wanted"), QStringLiteral("train-and-eval"));
        emit tabWanted(QStringLiteral("duplicates"));
    });
}

bool SplitTab::hasParts() const
{
    return m_opened && m_opened->row.info.value("splits", Json::object()).contains("train");
}

void SplitTab::setDataset(OpenedPtr opened)
{
    m_opened = std::move(opened);
    m_context.jobs.cancel(m_job);
    m_apply->setEnabled(m_opened && m_opened->isNewest());
    m_apply->setToolTip(m_apply->isEnabled() ? QString() : tr("Only the newest version can be divided."));
    m_problem->clear();
    if (!m_opened)
        return;
    m_form->setDataset(m_opened);
    showParts();
    if (isVisible())
        checkLeaks();
}

void SplitTab::activate()
{
    checkLeaks();
}

void SplitTab::showParts()
{
    if (!m_opened)
        return;
    m_presentTitle->setText(hasParts() ? tr("Version %1 is divided").arg(m_opened->row.version) : tr("Version %1 is not divided").arg(m_opened->row.version));
    m_present->setVisible(hasParts());
    if (hasParts()) {
        const Json splits = m_opened->row.info["splits"];
        QList<widgets::SplitBar::Part> parts;
        for (const char* part : {"train", "eval", "test"})
            parts.append({QLatin1String(part), splits.value(part, qint64(0))});
        m_present->setParts(parts, true);
    } else {
        say(QStringLiteral("info"), tr("A run then holds out rows by itself when it starts; a split keeps them the same for all runs."), widgets::Tone::Secondary);
    }
    m_planned->setVisible(!m_form->isByColumn());
    m_plannedTitle->setVisible(!m_form->isByColumn());
    const auto shares = m_form->shares();
    const auto rows = pipeline::plannedParts(m_opened->data->rows(), {shares[0] / 100.0, shares[1] / 100.0, shares[2] / 100.0});
    m_planned->setParts({{QStringLiteral("train"), rows[0]}, {QStringLiteral("eval"), rows[1]}, {QStringLiteral("test"), rows[2]}}, false);
    m_apply->setText(hasParts() ? tr("Split again") : tr("Split"));
}

void SplitTab::say(const QString& icon, const QString& text, widgets::Tone tone)
{
    const auto& t = style::tokens();
    const QColor colour = tone == widgets::Tone::Success ? t.success : tone == widgets::Tone::Warning ? t.warning : tone == widgets::Tone::Danger ? t.danger : t.text2;
    m_leakIcon->setPixmap(style::iconPixmap(icon, 16, colour, devicePixelRatioF()));
    m_leaks->setTone(tone == widgets::Tone::Success ? widgets::Tone::Text : tone);
    m_leaks->setText(text);
    m_review->setVisible(tone == widgets::Tone::Warning);
}

void SplitTab::checkLeaks()
{
    if (!hasParts() || m_checked == m_opened->row.folder)
        return;
    say(QStringLiteral("clock"), tr("Looking for eval rows that are in train…"), widgets::Tone::Secondary);
    auto report = std::make_shared<cleaner::LeakReport>();
    m_job = m_context.jobs.start(tr("Leaks in %1").arg(toQString(m_opened->row.name)),
        [=, row = m_opened->row](const JobContext& job) -> Status {
            ATTUNE_TRY(const auto train, pipeline::openVersion(row, "train"));
            ATTUNE_TRY(const auto eval, pipeline::openVersion(row, "eval"));
            ATTUNE_TRY(*report, cleaner::findLeaks(cleaner::DatasetRows(*train), cleaner::DatasetRows(*eval), 0.85, job));
            return {};
        },
        this,
        [this, report, asked = m_opened](const Status& status) {
            if (asked != m_opened)
                return;
            if (!status) {
                say(QStringLiteral("warning"), toQString(status.error().message), widgets::Tone::Danger);
                return;
            }
            m_checked = m_opened->row.folder;
            showLeaks(*report);
        });
}

void SplitTab::showLeaks(const cleaner::LeakReport& report)
{
    if (report.leaked == 0)
        say(QStringLiteral("success"), tr("No eval row is in train, not even nearly (similarity 0.85 and above)."), widgets::Tone::Success);
    else
        say(QStringLiteral("warning"), tr("%1 of %2 eval rows are in train, or nearly (similarity 0.85 and above): their loss says nothing.").arg(bridge::grouped(report.leaked), bridge::grouped(report.evalRows)), widgets::Tone::Warning);
}

void SplitTab::apply()
{
    if (!m_opened)
        return;
    const std::string workspace = m_context.workspace.stdPath(), argument = m_opened->argument();
    const auto options = m_form->options();
    auto counts = std::make_shared<std::map<std::string, std::int64_t>>();
    m_apply->setEnabled(false);
    m_problem->clear();
    m_context.jobs.start(tr("Splitting %1").arg(toQString(m_opened->row.name)),
        [=](const JobContext& job) -> Status {
            ATTUNE_TRY(auto store, store::Store::open(workspace));
            ATTUNE_TRY(*counts, pipeline::splitDataset(*store, argument, options, job));
            return {};
        },
        this,
        [this, counts](const Status& status) {
            m_apply->setEnabled(true);
            if (!status) {
                m_problem->setText(toQString(status.error().message + " " + status.error().hint));
                return;
            }
            m_context.navigator.toast(tr("Split into %1 train, %2 eval and %3 test rows").arg(bridge::grouped((*counts)["train"]), bridge::grouped((*counts)["eval"]), bridge::grouped((*counts)["test"])),
                [self = QPointer<SplitTab>(this)] {
                    if (self)
                        emit self->undoWanted();
                });
            m_context.workspace.announceChange();
            emit versionMade();
        });
}

DatasetTab* makeSplitTab(shell::Context& context)
{
    return new SplitTab(context);
}

}
