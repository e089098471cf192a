// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>

namespace attune::tests {

// Where things lie. Functions, so that only paths.cpp depends on this checkout's place and the
// compiler cache serves every other test file in any clone.
std::string sourceDir();    ///< the checkout
std::string binaryDir();    ///< build/release
std::string llamaSource();  ///< the llama.cpp sources: models/ggml-vocab-*.gguf, models/templates
std::string depsDir();      ///< LibTorch, llama.cpp, models
std::string starterModel(); ///< SmolLM2-135M-Instruct Q4_1 GGUF, in depsDir()/models

/// A fresh folder that goes away with the object.
class TempDir
{
public:
    TempDir();
    ~TempDir();
    TempDir(const TempDir&) = delete;
    TempDir& operator=(const TempDir&) = delete;
    std::string path(const std::string& name = {}) const { return name.empty() ? m_path.string() : (m_path / name).string(); }
    /// Writes a file in it and returns its path.
    std::string write(const std::string& name, const std::string& text) const;

private:
    std::filesystem::path m_path;
};

}
