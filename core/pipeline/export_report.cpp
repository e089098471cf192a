// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/engine.h"

namespace attune::pipeline {
namespace {

Json parityJson(const Parity& parity)
{
    return Json {{"tokens", parity.tokens}, {"mean_kl", parity.meanKl}, {"top1_agreement", parity.top1Agreement}, {"max_abs_diff", parity.maxAbsDiff}, {"word", parity.word}};
}

}

Json ExportReport::toJson() const
{
    return Json {{"path", path}, {"bytes", bytes}, {"sha256", sha256}, {"verified", verified}, {"parity", hasParity ? parityJson(parity) : Json()},
        {"verification", hasParity ? parityJson(verification) : Json()}};
}

}
