// SPDX-License-Identifier: GPL-3.0-or-later
// A chart as a file; see curve_panel.h.
#include "plots/curve_overlay.h"

#include <QFile>
#include <QSvgGenerator>

namespace attune::plots {

bool CurvePanel::exportImage(const QString& path)
{
    if (path.endsWith(QLatin1String(".csv"))) {
        const QByteArray text = toCsv().toUtf8();
        QFile file(path);
        return file.open(QIODevice::WriteOnly) && file.write(text) == text.size() && file.flush();
    }
    if (path.endsWith(QLatin1String(".svg"))) {
        QSvgGenerator generator;
        generator.setFileName(path);
        generator.setSize(size());
        generator.setViewBox(rect());
        generator.setTitle(m_title);
        QPainter painter(&generator);
        render(&painter);
        return QFile::exists(path);
    }
    return grab().save(path);
}

QString CurvePanel::toCsv() const
{
    QString text = QStringLiteral("curve,%1,value\n").arg(m_axisName);
    for (const auto& curve : m_curves) {
        QString name = curve.name;
        if (name.contains(QLatin1Char(',')) || name.contains(QLatin1Char('"')))
            name = QLatin1Char('"') + name.replace(QLatin1Char('"'), QStringLiteral("\"\"")) + QLatin1Char('"');
        for (qsizetype i = 0; i < curve.points.size(); ++i)
            text += name + QStringLiteral(",%1,%2\n").arg(curve.points.x[i], 0, 'g', 12).arg(curve.points.y[i], 0, 'g', 9);
    }
    return text;
}

}
