// SPDX-License-Identifier: GPL-3.0-or-later
// What is worked out of the form, and what stands in the way of a start; see train_page.h.
#include "base/file.h"
#include "pages/train/data_checks.h"
#include "pages/train/form_words.h"
#include "pages/train/train_page.h"

namespace attune::pages {

using bridge::toQString;

/// What stands in the way, as far as the form alone can tell; then what the check said.
QString TrainPage::blockedReason() const
{
    const auto& recipe = m_draft.recipe();
    if (recipe.text("model.base").empty())
        return m_models.isEmpty() ? tr("There is no model yet.") : tr("Choose a base model.");
    if (recipe.text("data.train").empty())
        return m_datasets.isEmpty() ? tr("There is no dataset yet.") : tr("Choose a dataset.");
    if (!m_draft.badFields().isEmpty())
        return m_draft.badFields().begin().value();
    // Known before the check, which may take seconds.
    for (const auto& objective : m_choices.objectives)
        if (m_checkProblem.isEmpty() && objective.id == recipe.text("objective.type") && !objective.reason.empty())
            return tr("%1: %2").arg(toQString(objective.name), toQString(objective.reason));
    return m_checkProblem;
}

TrainPage::Place TrainPage::placeToGo() const
{
    const auto& recipe = m_draft.recipe();
    if (recipe.text("model.base").empty() && m_models.isEmpty())
        return {shell::PageId::Models, {}, tr("Go to Models")};
    if (!recipe.text("model.base").empty() && recipe.text("data.train").empty() && m_datasets.isEmpty())
        return {shell::PageId::Datasets, {}, tr("Go to Datasets")};
    if (m_checkProblem.isEmpty() || !m_draft.badFields().isEmpty())
        return {};
    if (m_checkCode == ErrorCode::ModelMissing)
        return {shell::PageId::Models, toQString(recipe.text("model.base")), tr("Show the model")};
    if (m_checkCode == ErrorCode::SourceChanged)
        return {shell::PageId::Datasets, toQString(recipe.text("data.train")), tr("Show the dataset")};
    return {};
}

void TrainPage::showBlocked()
{
    m_summary->setBlocked(blockedReason(), placeToGo().action);
}

void TrainPage::check()
{
    const auto recipe = m_draft.recipe();
    keepDraft();
    const std::string workspace = m_context.workspace.stdPath();
    m_choiceJob.start<pipeline::FormChoices>(this, workspace, [recipe](store::Store& store, const JobContext& job) -> Result<pipeline::FormChoices> { return pipeline::formChoices(store, recipe, job); },
        [this](Result<pipeline::FormChoices> choices) {
            m_choices = choices ? *choices : pipeline::FormChoices {};
            m_form->showChoices(m_choices);
            showBlocked();
            showPresets();
        });
    if (recipe.text("model.base").empty() || recipe.text("data.train").empty() || !m_draft.badFields().isEmpty()) {
        m_checkProblem.clear();
        showBlocked();
        if (!m_draft.badFields().isEmpty())
            forgetOutlook();
        return;
    }
    m_summary->showWorking();
    m_checkJob.start<RunOutlook>(this, workspace,
        [recipe](store::Store& store, const JobContext& job) -> Result<RunOutlook> {
            RunOutlook outlook;
            outlook.check = pipeline::checkRecipe(store, recipe, job);
            outlook.trial = pipeline::rememberedTrial(store, recipe);
            outlook.freeDiskBytes = static_cast<double>(freeDiskBytes(store.workspace()));
            return outlook;
        },
        [this](Result<RunOutlook> outlook) {
            if (outlook)
                showOutlook(std::move(*outlook));
        });
}

void TrainPage::showOutlook(RunOutlook outlook)
{
    m_checkProblem = outlook.check ? QString() : inFormWords(outlook.check.error());
    m_checkCode = outlook.check ? std::nullopt : std::optional(outlook.check.error().code);
    m_summary->showOutlook(outlook);
    showBlocked();
    m_form->showCheck(outlook.check);
    if (!outlook.check) {
        m_checkedData.clear();
        m_batch->setMessage(problemOf(outlook.check.error()).key.isEmpty() ? m_checkProblem : tr("The first rows appear here once the settings hold."));
        return;
    }
    // The rows were tokenised by the check and lie in the cache.
    const auto recipe = m_draft.recipe();
    m_batchJob.start<pipeline::TokenBatch>(this, m_context.workspace.stdPath(), [recipe](store::Store& store, const JobContext& job) { return pipeline::batchOf(store, recipe, 0, job); },
        [this](Result<pipeline::TokenBatch> batch) {
            if (batch)
                m_batch->setBatch(*batch);
            else
                m_batch->setMessage(inFormWords(batch.error()));
        });
    checkData();
}

/// The form has a value that does not hold: what was worked out before would be read as what the run will do. The
/// form's own hints stay, so that nothing in it moves.
void TrainPage::forgetOutlook()
{
    m_checkJob.cancel();
    m_batchJob.cancel();
    m_dataJob.cancel();
    m_checkedData.clear();
    m_summary->showOutlook({});
    m_batch->setMessage(tr("The first rows appear here once the settings hold."));
}

void TrainPage::checkData()
{
    const std::string dataset = m_draft.recipe().text("data.train");
    if (dataset == m_checkedData)
        return;
    m_checkedData = dataset;
    m_summary->setDataLines({});
    m_dataJob.start<QList<CheckList::Line>>(this, m_context.workspace.stdPath(), [dataset](store::Store& store, const JobContext& job) { return checkPersonalData(store, dataset, job); },
        [this](Result<QList<CheckList::Line>> lines) {
            if (lines)
                m_summary->setDataLines(*lines);
        });
}

}
