// SPDX-License-Identifier: GPL-3.0-or-later
#include "style/tokens.h"

#include <cmath>

namespace attune::style {
namespace {

const Tokens* g_tokens = nullptr;  // UI thread only

double channel(double value)
{
    return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
}

double luminance(const QColor& c)
{
    return 0.2126 * channel(c.redF()) + 0.7152 * channel(c.greenF()) + 0.0722 * channel(c.blueF());
}

}

const Tokens& lightTokens()
{
    static const Tokens value {
        .isDark = false,
        .window = QColor(0xF1F3F4),
        .surface = QColor(0xFFFFFF),
        .raised = QColor(0xF8F9FA),
        .hover = QColor(0xE8EBED),
        .border = QColor(0xD7DCE0),
        .buttonBorder = QColor(0xB9C0C7),
        .borderStrong = QColor(0x848D96),
        .text = QColor(0x1A1D21),
        .text2 = QColor(0x545C65),
        .textDisabled = QColor(0x858D95),
        .accent = QColor(0x0B6A85),
        .accentHover = QColor(0x095A71),
        .accentPressed = QColor(0x074A5D),
        .onAccent = QColor(0xFFFFFF),
        .accentWeak = QColor(0xDDEFF4),
        .selection = QColor(0xC6E4ED),
        .success = QColor(0x1A7A3C),
        .successWeak = QColor(0xE2F4E8),
        .warning = QColor(0x8A5700),
        .warningWeak = QColor(0xFCF0D6),
        .danger = QColor(0xB3261E),
        .dangerWeak = QColor(0xFCE8E6),
        .info = QColor(0x2A5DB5),
        .infoWeak = QColor(0xE6EEFB),
        .trained = QColor(0xCDE9F1),
        .masked = QColor(0x6A727A),
        .special = QColor(0x5B3FA0),
        .specialBg = QColor(0xEDE8F8),
        .addBg = QColor(0xD8F1DF),
        .addText = QColor(0x14532B),
        .delBg = QColor(0xFBDFDC),
        .delText = QColor(0x7D1A13),
        .chgBg = QColor(0xFBE9C4),
        .chgText = QColor(0x664000),
        .match = QColor(0xFFE8A0),
        .histogram = QColor(0x2B8CA7),
        .mem1 = QColor(0x0A4C60),
        .mem2 = QColor(0x6B4FB3),
        .mem3 = QColor(0x2B8CA7),
        .mem4 = QColor(0xB8741A),
        .runs = {QColor(0x4C93FF), QColor(0xB25077), QColor(0x007F00), QColor(0xA59500), QColor(0x8400A5), QColor(0x4C4C0B), QColor(0xF248BF), QColor(0x0000FF)},
    };
    return value;
}

const Tokens& darkTokens()
{
    static const Tokens value {
        .isDark = true,
        .window = QColor(0x15171A),
        .surface = QColor(0x1C1F22),
        .raised = QColor(0x272B2F),
        .hover = QColor(0x2B2F34),
        .border = QColor(0x34393E),
        .buttonBorder = QColor(0x4A5158),
        .borderStrong = QColor(0x737C85),
        .text = QColor(0xE6E8EA),
        .text2 = QColor(0xA7AEB5),
        .textDisabled = QColor(0x717981),
        .accent = QColor(0x5CB8D4),
        .accentHover = QColor(0x74C6DE),
        .accentPressed = QColor(0x49A5C2),
        .onAccent = QColor(0x06222C),
        .accentWeak = QColor(0x17343E),
        .selection = QColor(0x1C4452),
        .success = QColor(0x6CCB8A),
        .successWeak = QColor(0x163121),
        .warning = QColor(0xE8B04A),
        .warningWeak = QColor(0x352910),
        .danger = QColor(0xF28B82),
        .dangerWeak = QColor(0x3D1E1C),
        .info = QColor(0x8AB4F8),
        .infoWeak = QColor(0x1B2B45),
        .trained = QColor(0x164350),
        .masked = QColor(0x8D959D),
        .special = QColor(0xC7B6F5),
        .specialBg = QColor(0x322A4A),
        .addBg = QColor(0x17371F),
        .addText = QColor(0xA5E6B8),
        .delBg = QColor(0x43211E),
        .delText = QColor(0xF5B3AC),
        .chgBg = QColor(0x3C3010),
        .chgText = QColor(0xF0CF85),
        .match = QColor(0x57470F),
        .histogram = QColor(0x4A94AB),
        .mem1 = QColor(0x3F8196),
        .mem2 = QColor(0xA48BEB),
        .mem3 = QColor(0x7FCBE2),
        .mem4 = QColor(0xE0A848),
        .runs = {QColor(0x26D3FF), QColor(0xFFB200), QColor(0xFF728E), QColor(0x6D94F2), QColor(0xA59500), QColor(0xA54AA5), QColor(0xBF4639), QColor(0x704CFF)},
    };
    return value;
}

const Tokens& tokens()
{
    return g_tokens ? *g_tokens : lightTokens();
}

void setTokens(const Tokens& value)
{
    g_tokens = &value;
}

double contrast(const QColor& a, const QColor& b)
{
    const double x = luminance(a), y = luminance(b);
    return (std::max(x, y) + 0.05) / (std::min(x, y) + 0.05);
}

}
