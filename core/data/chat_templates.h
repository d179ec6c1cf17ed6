// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace tw {

/// The chat templates that a model brings, by name: most bring one, "default"; some have their own
/// for tools ("tool_use") or documents ("rag").
class ChatTemplates
{
public:
    ChatTemplates() = default;
    /// The one template; none where source is empty.
    explicit ChatTemplates(std::string source);
    /// Of a model's folder, or of a file in it. As Transformers 4.57 looks for them:
    /// chat_template.jinja and additional_chat_templates/*.jinja, else "chat_template" in
    /// tokenizer_config.json (a text, or a list of {name, template}), else chat_template.json; else
    /// tokenizer.chat_template and tokenizer.chat_template.NAME of the GGUF file. Throws Error
    /// where one of them cannot be read.
    static ChatTemplates ofModel(const std::filesystem::path& model);

    bool isEmpty() const { return m_sources.empty(); }
    const std::map<std::string, std::string>& sources() const { return m_sources; }
    /// The source that apply_chat_template takes: of that name; without a name "tool_use" where
    /// tools are given, else "default". Throws Error where there is none, with the names there are.
    const std::string& choose(const std::string& name, bool withTools) const;

private:
    std::map<std::string, std::string> m_sources;
};

/// The default template of a model, or empty.
std::string chatTemplateOf(const std::filesystem::path& model);

/// What the rows of a data set are laid out with, as sources.
struct RowTemplates
{
    std::string plain; ///< the default template, or empty
    std::string
        withTools; ///< "tool_use", for rows that bring tools; empty: they take the plain one
};
RowTemplates rowTemplatesOf(const std::filesystem::path& model);

} // namespace tw
