// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/error.h"

#include <stdexcept>
#include <type_traits>
#include <utility>
#include <variant>

namespace attune {

/// A broken promise inside our own code; never reachable from what a user gives us.
struct LogicError : std::logic_error {
    using std::logic_error::logic_error;
};

[[noreturn]] void failCheck(const char* condition, const std::string& message, const char* file, int line);

/// A value or an Error; the part of std::expected (C++23) that we use, so that moving is one alias.
template<typename T>
class [[nodiscard]] Result
{
public:
    Result(T value) : m_value(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) : m_value(std::in_place_index<1>, std::move(error)) {}
    template<typename U>
        requires(std::is_convertible_v<U&&, T> && !std::is_same_v<std::decay_t<U>, T>
                 && !std::is_same_v<std::decay_t<U>, Error> && !std::is_same_v<std::decay_t<U>, Result>)
    Result(U&& value) : m_value(std::in_place_index<0>, std::forward<U>(value)) {}

    explicit operator bool() const { return m_value.index() == 0; }
    bool has_value() const { return m_value.index() == 0; }
    T& operator*() & { return value(); }
    const T& operator*() const& { return value(); }
    T&& operator*() && { return std::move(value()); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }
    T& value()
    {
        if (!has_value())
            failCheck("has_value()", error().message, __FILE__, __LINE__);
        return std::get<0>(m_value);
    }
    const T& value() const { return const_cast<Result*>(this)->value(); }
    Error& error() { return std::get<1>(m_value); }
    const Error& error() const { return std::get<1>(m_value); }
    template<typename U>
    T value_or(U&& other) const& { return has_value() ? value() : T(std::forward<U>(other)); }

private:
    std::variant<T, Error> m_value;
};

template<>
class [[nodiscard]] Result<void>
{
public:
    Result() = default;
    Result(Error error) : m_error(std::move(error)), m_failed(true) {}

    explicit operator bool() const { return !m_failed; }
    bool has_value() const { return !m_failed; }
    Error& error() { return m_error; }
    const Error& error() const { return m_error; }

private:
    Error m_error;
    bool m_failed = false;
};

using Status = Result<void>;

/// Makes an error: `return fail(ErrorCode::FileMissing, fmt::format("…", path), "Check the path.");`
Error fail(ErrorCode code, std::string message, std::string hint = {});
/// The error for a failed system call, from errno: names the path, tells a full disk apart.
Error failSystem(const std::string& path, const char* doing, int errorNumber);

}

#define ATTUNE_CONCAT_INNER(a, b) a##b
#define ATTUNE_CONCAT(a, b) ATTUNE_CONCAT_INNER(a, b)

/// `ATTUNE_TRY(auto file, SafetensorsFile::open(path));` binds the value or returns the error.
#define ATTUNE_TRY(declaration, ...) ATTUNE_TRY_INNER(ATTUNE_CONCAT(attuneResult, __COUNTER__), declaration, __VA_ARGS__)
#define ATTUNE_TRY_INNER(name, declaration, ...)                                                   \
    auto name = (__VA_ARGS__);                                                                     \
    if (!name)                                                                                     \
        return std::move(name).error();                                                            \
    declaration = std::move(*name)

/// Returns the error of a Status expression, if there is one.
#define ATTUNE_RETURN_IF_ERROR(...)                                                                \
    do {                                                                                           \
        if (auto attuneStatus = (__VA_ARGS__); !attuneStatus)                                      \
            return std::move(attuneStatus).error();                                                \
    } while (false)

/// For programmer errors: always on, throws LogicError.
#define ATTUNE_CHECK(condition, message)                                                           \
    do {                                                                                           \
        if (!(condition)) [[unlikely]]                                                             \
            ::attune::failCheck(#condition, message, __FILE__, __LINE__);                          \
    } while (false)
