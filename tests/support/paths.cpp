// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/paths.h"

#include <cstdlib>
#include <fstream>

namespace attune::tests {

std::string sourceDir() { return ATTUNE_SOURCE_DIR; }
std::string binaryDir() { return ATTUNE_BINARY_DIR; }
std::string llamaSource() { return ATTUNE_LLAMA_SOURCE; }
std::string depsDir() { return ATTUNE_DEPS_DIR; }
std::string starterModel() { return depsDir() + "/models/SmolLM2-135M-Instruct.Q4_1.gguf"; }

TempDir::TempDir()
{
    std::string pattern = (std::filesystem::temp_directory_path() / "attune-test-XXXXXX").string();
    m_path = ::mkdtemp(pattern.data());
}

TempDir::~TempDir()
{
    std::error_code ignored;
    std::filesystem::remove_all(m_path, ignored);
}

std::string TempDir::write(const std::string& name, const std::string& text) const
{
    const auto file = m_path / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
    return file.string();
}

}
