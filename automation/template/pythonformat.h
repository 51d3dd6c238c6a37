// Python's ways to format: '%.1f' % x, '{:>10}'.format(x), format specifications.
//
// What cannot be formatted fails the rendering with a sentence. Widths and precisions are bounded.

#pragma once

#include "automation/template/rendering.h"

namespace hubkeep {

// template % value.
TemplateValue printfFormatted(
    TemplateRendering &rendering, const QString &pattern, const TemplateValue &value);

// format(value, specification): "[[fill]align][sign][#][0][width][,][.precision][type]".
QString formatted(
    TemplateRendering &rendering, const TemplateValue &value, const QString &specification);

// pattern.format(*positional, **named).
TemplateValue braceFormatted(TemplateRendering &rendering, const QString &pattern,
    TemplatePositional positional, TemplateKeywords named);

// A float with so many digits behind the point, as %f.
QString fixedText(double number, int precision);

} // namespace hubkeep
