// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLabel>
#include <QPushButton>
#include <QToolButton>

class QBoxLayout;
class QLineEdit;
class QVBoxLayout;
class QHBoxLayout;

namespace attune::widgets {

enum class Tone { Text, Secondary, Success, Warning, Danger, Accent };

/// A label whose colour follows the theme.
class Label : public QLabel
{
    Q_OBJECT
public:
    explicit Label(const QString& text = {}, QWidget* parent = nullptr);
    void setTone(Tone tone);

protected:
    void changeEvent(QEvent* event) override;
    bool event(QEvent* event) override;

private:
    void recolour();
    Tone m_tone = Tone::Text;
};

Label* bodyLabel(const QString& text, Tone tone = Tone::Text);
Label* headingLabel(const QString& text);   ///< section heading, 600
Label* captionLabel(const QString& text);   ///< caption, secondary
Label* titleLabel(const QString& text);
Label* monoLabel(const QString& text, Tone tone = Tone::Text);
Label* wrappedLabel(const QString& text, Tone tone = Tone::Secondary);

/// The words beside a title: where there is no room for one line they take two.
class CaptionLabel : public Label
{
    Q_OBJECT
public:
    explicit CaptionLabel(const QString& text = {}, QWidget* parent = nullptr);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
};

/// A label that shortens its text at the end and shows all of it in a tooltip; for data, never for captions of controls.
class ElidedLabel : public Label
{
    Q_OBJECT
public:
    explicit ElidedLabel(const QString& text = {}, QWidget* parent = nullptr);
    QSize minimumSizeHint() const override;
    void setText(const QString& text);

protected:
    void paintEvent(QPaintEvent* event) override;
};

enum class ButtonRole { Secondary, Primary, Danger, Ghost };
QPushButton* button(const QString& text, ButtonRole role = ButtonRole::Secondary, const QString& iconName = {});
QPushButton* smallButton(const QString& text, ButtonRole role = ButtonRole::Secondary);
/// An icon button; the name is its tooltip and accessible name.
QToolButton* iconButton(const QString& iconName, const QString& name);

/// As wide as asked for, wider where the placeholder needs it.
void fitToPlaceholder(QLineEdit* edit, int width);

QVBoxLayout* column(int spacing = 0, int margin = 0);
QHBoxLayout* row(int spacing = 8, int margin = 0);

/// A 1-px line in the border colour.
class Hairline : public QWidget
{
    Q_OBJECT
public:
    explicit Hairline(Qt::Orientation orientation = Qt::Horizontal, QWidget* parent = nullptr);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    Qt::Orientation m_orientation;
};

/// A widget that fills itself with a plane of visual.md §1.
enum class Plane { Window, Surface, Raised };
class PlaneWidget : public QWidget
{
    Q_OBJECT
public:
    explicit PlaneWidget(Plane plane, QWidget* parent = nullptr);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    Plane m_plane;
};

}
