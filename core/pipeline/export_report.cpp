// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/engine.h"

namespace attune::pipeline {
namespace {

Json parityJson(const Parity& parity)
{
    Json json {{"tokens", parity.tokens}, {"mean_kl", parity.meanKl}, {"top1_agreement", parity.top1Agreement}, {"max_abs_diff", parity.maxAbsDiff}, {"word", parity.word}};
    if (!parity.histogram.empty())
        json["histogram"] = {{"counts", parity.histogram}, {"end", parity.histogramEnd}};
    if (parity.worstPosition >= 0)
        json["worst"] = {{"kl", parity.worstKl}, {"sequence", parity.worstSequence}, {"position", parity.worstPosition}};
    return json;
}

}

Json ExportReport::toJson() const
{
    Json places = Json::array();
    for (const auto& d : differences)
        places.push_back({{"context", d.context}, {"run", d.reference}, {"file", d.other}, {"sequence", d.sequence}, {"position", d.position}, {"kl", d.kl}});
    return Json {{"path", path}, {"bytes", bytes}, {"sha256", sha256}, {"verified", verified}, {"parity", hasParity ? parityJson(parity) : Json()},
        {"verification", hasParity ? parityJson(verification) : Json()}, {"differences", places}};
}

}
