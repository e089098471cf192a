// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/basics.h"

#include <QWidget>

namespace attune::widgets {

/// A framed part of a page: header with title, caption and actions at right, and a body. No panels
/// inside panels.
class Panel : public QWidget
{
    Q_OBJECT
public:
    explicit Panel(const QString& title = {}, QWidget* parent = nullptr);

    void setTitle(const QString& title);
    void setCaption(const QString& caption);
    /// Puts a widget at the right end of the header.
    void addAction(QWidget* widget);
    using QWidget::addAction;
    /// The body's layout; its margins are 0, so that tables touch the frame.
    QVBoxLayout* body() { return m_body; }
    void setDashed(bool isDashed);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QWidget* m_header = nullptr;
    Label* m_title = nullptr;
    CaptionLabel* m_caption = nullptr;
    QHBoxLayout* m_headerRow = nullptr;
    QVBoxLayout* m_body = nullptr;
    bool m_isDashed = false;
};

/// The line above a row that lies in a panel, but for the first: below its header the panel has one of its own.
void drawLineAbove(QPainter* painter, const QWidget& row);

/// What an empty list or panel shows: what would be here and what to do about it.
class EmptyState : public QWidget
{
    Q_OBJECT
public:
    EmptyState(const QString& iconName, const QString& sentence, QWidget* parent = nullptr);
    QPushButton* setPrimary(const QString& text);
    QPushButton* setLink(const QString& text);
    void setSentence(const QString& sentence);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QString m_icon;
    Label* m_sentence = nullptr;
    QHBoxLayout* m_buttons = nullptr;
};

/// One finding above a page: icon, title, evidence, up to two actions, close.
class MessageBar : public QWidget
{
    Q_OBJECT
public:
    enum class Kind { Info, Warning, Danger, Success };
    MessageBar(Kind kind, const QString& title, const QString& evidence, QWidget* parent = nullptr);
    QPushButton* addButton(const QString& text);

signals:
    void closed();

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    Kind m_kind;
    QHBoxLayout* m_row = nullptr;
};

/// A word with a dot or icon on a weak ground.
class StatusChip : public QWidget
{
    Q_OBJECT
public:
    explicit StatusChip(QWidget* parent = nullptr);
    /// status as in cli.md: running paused completed stopped failed interrupted queued.
    void setStatus(const QString& status);
    QSize sizeHint() const override;
    static QString word(const QString& status);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QString m_status;
};

/// Two to four words of which one is chosen.
class SegmentedControl : public QWidget
{
    Q_OBJECT
public:
    explicit SegmentedControl(const QStringList& words, QWidget* parent = nullptr);
    int currentIndex() const { return m_current; }
    void setCurrentIndex(int index);
    void setWords(const QStringList& words);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

signals:
    void currentChanged(int index);

protected:
    /// Where a word stands; in a narrow place the words move together.
    QRect partOf(int index) const;
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    int wordWidth(int index) const;
    int widthWith(int padding) const;
    QStringList m_words;
    int m_current = 0;
};

}
