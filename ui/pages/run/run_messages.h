// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "pages/run/run_data.h"
#include "shell/page.h"
#include "widgets/panel.h"

namespace attune::pages {

/// What a run has to say above its tabs: that it is done, failed or was cut off, and the alerts of its safety rules, each
/// with the button that does something about it. Two bars at most; the rest is counted.
class RunMessages final : public QWidget
{
    Q_OBJECT
public:
    explicit RunMessages(shell::Context& context, QWidget* parent = nullptr);
    void show(const RunData& runData);
    void clear();

signals:
    void resumeRequested();
    void stopAndUseRequested(qint64 step);
    void logRequested();

private:
    struct Message {
        widgets::MessageBar::Kind kind;
        QString key, title, evidence;
        QList<std::pair<QString, std::function<void()>>> actions {};
        bool isAlert = false, isDone = false;
    };
    QList<Message> messagesOf(const RunData& runData);
    Message finished(const RunData& runData);
    Message broken(const RunData& runData);
    std::optional<Message> alert(const RunData& runData, const store::RunEvent& event);
    void mute(const QString& title);
    void add(const Message& message);

    shell::Context& m_context;
    QVBoxLayout* m_column = nullptr;
    QString m_run, m_shown;
    QStringList m_muted, m_closed;
};

}
