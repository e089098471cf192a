// SPDX-License-Identifier: GPL-3.0-or-later
#include "tokenizer/chat_template.h"

#include <utility>

// The formats are those that the models' cards document (formats.md §5.6); the Jinja text is ours.
namespace attune::tokenizer {
namespace {

constexpr std::string_view kChatml = R"({%- for message in messages -%}
{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>\n' }}
{%- endfor -%}
{%- if add_generation_prompt -%}{{ '<|im_start|>assistant\n' }}{%- endif -%})";

constexpr std::string_view kLlama3 = R"({{- bos_token }}
{%- for message in messages -%}
{{ '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n' + message['content'] | trim + '<|eot_id|>' }}
{%- endfor -%}
{%- if add_generation_prompt -%}{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{%- endif -%})";

constexpr std::string_view kGemma = R"({{- bos_token }}
{%- set state = namespace(system='') -%}
{%- for message in messages -%}
{%- if message['role'] == 'system' -%}
{%- set state.system = message['content'] | trim + '\n\n' -%}
{%- else -%}
{%- set role = 'model' if message['role'] == 'assistant' else message['role'] -%}
{{ '<start_of_turn>' + role + '\n' + (state.system if role == 'user' else '') + message['content'] | trim + '<end_of_turn>\n' }}
{%- if role == 'user' -%}{%- set state.system = '' -%}{%- endif -%}
{%- endif -%}
{%- endfor -%}
{%- if add_generation_prompt -%}{{ '<start_of_turn>model\n' }}{%- endif -%})";

constexpr std::string_view kMistral = R"({{- bos_token }}
{%- set state = namespace(system='') -%}
{%- for message in messages -%}
{%- if message['role'] == 'system' -%}
{%- set state.system = message['content'] + '\n\n' -%}
{%- elif message['role'] == 'user' -%}
{{ '[INST] ' + state.system + message['content'] + ' [/INST]' }}
{%- set state.system = '' -%}
{%- else -%}
{{ ' ' + message['content'] + eos_token }}
{%- endif -%}
{%- endfor -%})";

constexpr std::string_view kPhi3 = R"({%- for message in messages -%}
{{ '<|' + message['role'] + '|>\n' + message['content'] + '<|end|>\n' }}
{%- endfor -%}
{%- if add_generation_prompt -%}{{ '<|assistant|>\n' }}{%- endif -%})";

constexpr std::string_view kZephyr = R"({%- for message in messages -%}
{{ '<|' + message['role'] + '|>\n' + message['content'] + eos_token + '\n' }}
{%- endfor -%}
{%- if add_generation_prompt -%}{{ '<|assistant|>\n' }}{%- endif -%})";

constexpr std::string_view kAlpaca = R"({%- for message in messages -%}
{%- if message['role'] == 'system' -%}
{{ message['content'] + '\n\n' }}
{%- elif message['role'] == 'user' -%}
{{ '### Instruction:\n' + message['content'] + '\n\n### Response:\n' }}
{%- else -%}
{{ message['content'] + eos_token + ('\n\n' if not loop.last else '') }}
{%- endif -%}
{%- endfor -%})";

constexpr std::pair<std::string_view, std::string_view> kTemplates[] {{"chatml", kChatml}, {"alpaca", kAlpaca}, {"gemma", kGemma}, {"llama3", kLlama3},
    {"mistral", kMistral}, {"phi3", kPhi3}, {"zephyr", kZephyr}};

}

std::vector<std::string> builtinTemplates()
{
    std::vector<std::string> names;
    for (const auto& [name, text] : kTemplates)
        names.emplace_back(name);
    return names;
}

std::string builtinTemplate(std::string_view name)
{
    for (const auto& [known, text] : kTemplates)
        if (known == name)
            return std::string(text);
    return {};
}

}
