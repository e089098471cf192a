// SPDX-License-Identifier: GPL-3.0-or-later
#include "trainer/energy.h"

#include "base/file.h"
#include "support/paths.h"

#include <gtest/gtest.h>

namespace attune::trainer {
namespace {

void writeCounter(const tests::TempDir& folder, const std::string& domain, const std::string& label, const std::string& microJoules)
{
    ASSERT_TRUE(makeFolder(folder.path(domain)));
    ASSERT_TRUE(writeFileAtomically(folder.path(domain + "/name"), label + "\n"));
    ASSERT_TRUE(writeFileAtomically(folder.path(domain + "/max_energy_range_uj"), "262143328850\n"));
    ASSERT_TRUE(writeFileAtomically(folder.path(domain + "/energy_uj"), microJoules + "\n"));
}

}

TEST(EnergyMeter, AddsPackagesAndLeavesTheirPartsOut)
{
    const tests::TempDir folder;
    writeCounter(folder, "intel-rapl:0", "package-0", "1000000");
    writeCounter(folder, "intel-rapl:1", "package-1", "5000000");
    writeCounter(folder, "intel-rapl:0:0", "core", "7");
    EnergyMeter meter(-1, folder.path());

    writeCounter(folder, "intel-rapl:0", "package-0", "3601000000");  // 3600 J: one watt-hour
    writeCounter(folder, "intel-rapl:1", "package-1", "1805000000");
    writeCounter(folder, "intel-rapl:0:0", "core", "999999999");
    meter.read();

    ASSERT_TRUE(meter.wattHours());
    EXPECT_NEAR(*meter.wattHours(), 1.5, 1e-9);
}

TEST(EnergyMeter, FollowsACounterAroundItsEnd)
{
    const tests::TempDir folder;
    writeCounter(folder, "intel-rapl:0", "package-0", "262143328000");
    EnergyMeter meter(-1, folder.path());

    writeCounter(folder, "intel-rapl:0", "package-0", "3599999150");
    meter.read();

    EXPECT_NEAR(*meter.wattHours(), 1.0, 1e-6);
}

TEST(EnergyMeter, KnowsNothingWithoutCounters)
{
    const tests::TempDir folder;
    EXPECT_FALSE(EnergyMeter(-1, folder.path()).wattHours());
    EXPECT_FALSE(EnergyMeter(-1, folder.path("missing")).wattHours());
}

}
