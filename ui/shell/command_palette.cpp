// SPDX-License-Identifier: GPL-3.0-or-later
#include "shell/command_palette.h"

#include "style/fonts.h"
#include "style/icons.h"
#include "style/metrics.h"
#include "style/paint.h"
#include "style/tokens.h"
#include "widgets/basics.h"

#include <QApplication>
#include <QBoxLayout>
#include <QKeyEvent>
#include <QLineEdit>
#include <QListView>
#include <QMenu>
#include <QMenuBar>
#include <QPainter>
#include <QStandardItemModel>
#include <QStyledItemDelegate>

namespace attune::shell {

using bridge::toQString;

namespace {

constexpr int kWidth = 560, kTop = 72, kMostRows = 10;
constexpr int kMost = 200;  // all actions of the menus, and objects as far as one scrolls
enum Role { KindRole = Qt::UserRole + 1, IconRole, KeyRole, ReasonRole, LettersRole };

QString withoutMnemonic(QString text)
{
    return text.remove(QLatin1Char('&'));
}

}

/// Icon, text with the matched letters strong, kind, shortcut as key caps; a reason where it cannot be done.
class CommandPalette::Delegate final : public QStyledItemDelegate
{
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override { return {kWidth, style::scaled(30)}; }
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override
    {
        const auto& t = style::tokens();
        const bool isPossible = index.data(ReasonRole).toString().isEmpty();
        if (option.state & QStyle::State_Selected)
            painter->fillRect(option.rect, t.selection);
        const QRect rect = option.rect.adjusted(12, 0, -12, 0);
        const style::Reading reading {rect, option.direction};
        painter->drawPixmap(reading.at({rect.x(), rect.center().y() - 7, 16, 16}).topLeft(), style::iconPixmap(index.data(IconRole).toString(), 16, isPossible ? t.text2 : t.textDisabled, painter->device()->devicePixelRatioF()));
        int right = rect.right();
        paintKeys(painter, reading, right, index.data(KeyRole).toString());
        painter->setFont(style::caption());
        painter->setPen(t.text2);
        const QString note = isPossible ? index.data(KindRole).toString() : index.data(ReasonRole).toString();
        const int noteWidth = painter->fontMetrics().horizontalAdvance(note);
        reading.draw(*painter, {right - noteWidth - 4, rect.y(), noteWidth + 2, rect.height()}, note, Qt::AlignRight);
        paintText(painter, {reading.at({rect.x() + 26, rect.y(), right - noteWidth - rect.x() - 40, rect.height()}), option.direction}, index, isPossible);
    }

private:
    static void paintText(QPainter* painter, const style::Reading& reading, const QModelIndex& index, bool isPossible)
    {
        const QRect rect = reading.whole;
        const auto& t = style::tokens();
        const QString text = index.data(Qt::DisplayRole).toString();
        const auto letters = index.data(LettersRole).value<QList<int>>();
        painter->save();
        painter->setClipRect(rect);
        painter->setPen(isPossible ? t.text : t.textDisabled);
        int x = rect.x();
        for (int i = 0; i < text.size();) {
            const bool isStrong = letters.contains(i);
            int end = i + 1;
            while (end < text.size() && letters.contains(end) == isStrong)
                ++end;
            painter->setFont(style::body(isStrong ? style::Weight::SemiBold : style::Weight::Regular));
            const QString part = text.mid(i, end - i);
            painter->drawText(reading.at({x, rect.y(), rect.width(), rect.height()}), style::textFlags(text, reading.direction), part);
            x += painter->fontMetrics().horizontalAdvance(part);
            i = end;
        }
        painter->restore();
    }
    static void paintKeys(QPainter* painter, const style::Reading& reading, int& right, const QString& keys)
    {
        if (keys.isEmpty())
            return;
        const auto& t = style::tokens();
        painter->setFont(style::monoCaption());
        const auto parts = keys.split(QLatin1Char('+'), Qt::SkipEmptyParts);
        for (auto it = parts.crbegin(); it != parts.crend(); ++it) {
            const int w = painter->fontMetrics().horizontalAdvance(*it) + 10;
            const QRect cap = reading.at({right - w, reading.whole.center().y() - 9, w, 19});
            style::drawBox(painter, cap, t.surface, t.border, style::kSmallRadius);
            painter->setPen(t.text2);
            painter->drawText(cap, Qt::AlignCenter, *it);
            right -= w + 4;
        }
        right -= 6;
    }
};

CommandPalette::CommandPalette(Context& context, QMenuBar* menus, QWidget* window)
    : QWidget(window)
    , m_context(context)
    , m_menus(menus)
{
    setObjectName(QStringLiteral("command-palette"));
    auto* layout = widgets::column(4);
    layout->setContentsMargins(1, 8, 1, 5);
    setLayout(layout);
    m_field = new QLineEdit;
    m_field->setPlaceholderText(tr("Find an action, a page, a dataset, a model or a run"));
    m_field->setAccessibleName(tr("Find an action"));
    m_field->addAction(style::icon(QStringLiteral("search")), QLineEdit::LeadingPosition);
    m_field->setFixedHeight(style::scaled(34));
    auto* head = widgets::row();
    head->setContentsMargins(8, 0, 8, 0);
    head->addWidget(m_field);
    layout->addLayout(head);
    m_model = new QStandardItemModel(this);
    m_list = new QListView;
    m_list->setModel(m_model);
    m_list->setItemDelegate(new Delegate(m_list));
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_list->setFocusPolicy(Qt::NoFocus);
    m_list->setUniformItemSizes(true);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_list->viewport()->setAutoFillBackground(false);
    m_list->setAccessibleName(tr("Actions found"));
    layout->addWidget(m_list);
    m_field->installEventFilter(this);
    window->installEventFilter(this);
    connect(m_field, &QLineEdit::textChanged, this, &CommandPalette::fill);
    connect(m_list, &QListView::clicked, this, [this](const QModelIndex& index) { perform(index.row()); });
    hide();
}

void CommandPalette::open()
{
    m_before = QApplication::focusWidget();
    m_commands.clear();
    loadActions(m_menus);
    m_field->clear();
    fill();
    show();
    raise();
    m_field->setFocus(Qt::ShortcutFocusReason);
    loadObjects();
}

void CommandPalette::loadActions(const QMenuBar* menus)
{
    std::function<void(const QMenu*, const QString&)> walk = [&](const QMenu* menu, const QString& kind) {
        for (auto* action : menu->actions()) {
            if (action->isSeparator())
                continue;
            if (action->menu()) {
                walk(action->menu(), kind + QStringLiteral(" › ") + withoutMnemonic(action->text()));
                continue;
            }
            const QString icon = action->property("icon-name").toString();
            m_commands.append({withoutMnemonic(action->text()), kind, icon.isEmpty() ? QStringLiteral("right") : icon, action->shortcut(),
                action->property("reason").toString(), [action = QPointer<QAction>(action)] {
                    if (action)
                        action->trigger();
                }});
        }
    };
    for (auto* action : menus->actions())
        if (action->menu())
            walk(action->menu(), withoutMnemonic(action->text()));
}

/// Runs, datasets and models of the workspace, with what is most often done with them.
void CommandPalette::loadObjects()
{
    struct Objects { std::vector<store::RunRow> runs; std::vector<store::DatasetRow> datasets; std::vector<store::ModelRow> models; };
    m_context.workspace.query<Objects>(this,
        [](store::Store& store) -> Result<Objects> {
            Objects objects;
            ATTUNE_TRY(objects.runs, store.runs());
            ATTUNE_TRY(objects.datasets, store.datasets());
            ATTUNE_TRY(objects.models, store.models());
            return objects;
        },
        [this](Result<Objects> objects) {
            if (!objects || isHidden())
                return;
            const auto add = [this](const QString& text, const QString& kind, const char* icon, PageId page, const QString& object, const QString& reason = {}) {
                m_commands.append({text, kind, QLatin1String(icon), {}, reason, [this, page, object] { m_context.navigator.open(page, object); }});
            };
            for (const auto& run : objects->runs) {
                const QString id = toQString(run.id), reason = run.stepsDone > 0 ? QString() : tr("no step has finished yet");
                add(id, tr("run"), "runs", PageId::Runs, id);
                add(tr("Export %1…").arg(id), tr("run"), "export", PageId::Export, id, reason);
                add(tr("Try out %1").arg(id), tr("run"), "tryout", PageId::TryOut, id, reason);
                add(tr("New run from %1…").arg(id), tr("run"), "train", PageId::Train, QStringLiteral("recipe:") + toQString(run.recipe));
            }
            for (const auto& dataset : objects->datasets) {
                add(toQString(dataset.name), tr("dataset"), "dataset", PageId::Datasets, toQString(dataset.name));
                add(tr("Train on %1").arg(toQString(dataset.name)), tr("dataset"), "train", PageId::Train, QStringLiteral("data:") + toQString(dataset.name));
            }
            for (const auto& model : objects->models)
                add(toQString(model.name), tr("model"), "model", PageId::Models, toQString(model.name));
            fill();
        });
}

void CommandPalette::fill()
{
    struct Found { int index; Match match; };
    std::vector<Found> found;
    for (int i = 0; i < m_commands.size(); ++i)
        if (auto match = matchLetters(m_field->text(), m_commands[i].text))
            found.push_back({i, std::move(*match)});
    // What can be done comes before what cannot; equals keep the order of the menus.
    std::stable_sort(found.begin(), found.end(), [this](const Found& a, const Found& b) {
        const int first = a.match.score - (m_commands[a.index].reason.isEmpty() ? 0 : 10), second = b.match.score - (m_commands[b.index].reason.isEmpty() ? 0 : 10);
        return first > second;
    });
    if (found.size() > kMost)
        found.resize(kMost);
    m_model->clear();
    m_shown.clear();
    for (const auto& one : found) {
        const auto& command = m_commands[one.index];
        auto* item = new QStandardItem(command.text);
        item->setData(command.kind, KindRole);
        item->setData(command.icon, IconRole);
        item->setData(command.key.toString(QKeySequence::NativeText), KeyRole);
        item->setData(command.reason, ReasonRole);
        item->setData(QVariant::fromValue(one.match.letters), LettersRole);
        m_model->appendRow(item);
        m_shown.append(one.index);
    }
    m_list->setCurrentIndex(m_model->index(0, 0));
    place();
}

void CommandPalette::place()
{
    const int rows = std::clamp(static_cast<int>(m_model->rowCount()), 1, kMostRows);
    m_list->setFixedHeight(rows * style::scaled(30) + 2);
    setFixedWidth(std::min(kWidth, parentWidget()->width() - 32));
    setFixedHeight(layout()->minimumSize().height());
    move((parentWidget()->width() - width()) / 2, kTop);
}

void CommandPalette::leave()
{
    hide();
    if (m_before)
        m_before->setFocus(Qt::OtherFocusReason);
}

void CommandPalette::perform(int row)
{
    if (row < 0 || row >= m_shown.size())
        return;
    const Command command = m_commands[m_shown[row]];
    if (!command.reason.isEmpty())
        return;  // the reason stands beside it
    leave();
    command.run();
}

bool CommandPalette::eventFilter(QObject* watched, QEvent* event)
{
    if (isHidden())
        return QWidget::eventFilter(watched, event);
    if (watched != m_field) {
        if (event->type() == QEvent::Resize)
            place();
        return QWidget::eventFilter(watched, event);
    }
    if (event->type() == QEvent::FocusOut && static_cast<QFocusEvent*>(event)->reason() != Qt::ActiveWindowFocusReason) {
        hide();
    } else if (event->type() == QEvent::ShortcutOverride || event->type() == QEvent::KeyPress) {
        const auto* key = static_cast<QKeyEvent*>(event);
        const int row = m_list->currentIndex().row(), last = m_model->rowCount() - 1;
        const bool isPress = event->type() == QEvent::KeyPress;
        const auto go = [this](int to) { m_list->setCurrentIndex(m_model->index(to, 0)); };
        switch (key->key()) {
        case Qt::Key_Escape: isPress ? leave() : event->accept(); return true;
        case Qt::Key_Down: isPress ? go(row < last ? row + 1 : 0) : event->accept(); return true;
        case Qt::Key_Up: isPress ? go(row > 0 ? row - 1 : last) : event->accept(); return true;
        case Qt::Key_PageDown: isPress ? go(std::min(last, row + kMostRows)) : event->accept(); return true;
        case Qt::Key_PageUp: isPress ? go(std::max(0, row - kMostRows)) : event->accept(); return true;
        case Qt::Key_Return:
        case Qt::Key_Enter: isPress ? perform(row) : event->accept(); return true;
        default: break;
        }
    }
    return QWidget::eventFilter(watched, event);
}

void CommandPalette::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    style::drawBox(&painter, rect(), style::tokens().raised, style::tokens().borderStrong, style::kPanelRadius);
    if (m_model->rowCount() == 0) {
        painter.setFont(style::body());
        painter.setPen(style::tokens().text2);
        painter.drawText(m_list->geometry(), Qt::AlignCenter, tr("Nothing has these letters."));
    }
}

}
