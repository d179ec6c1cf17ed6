// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/adaptation/adaptation.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace tw {

// The head of a task (a classifier, the letters of a speech model) is trained whole, beside
// whatever method changes the model below it. Which labels it tells apart stands in a file of its
// own in the adapter's folder: PEFT's settings have no place for them.

/// The class that a model has to be opened as before an adapter fits it, and what its head tells
/// apart.
struct TaskHead
{
    std::string architecture; ///< "BertForSequenceClassification"
    std::vector<std::string> labels;

    bool operator==(const TaskHead&) const = default;
};

/// An adapter that may bring the head of a task along.
class MayBringHead
{
public:
    virtual ~MayBringHead() = default;
    virtual std::optional<TaskHead> taskHead() const = 0;
};
/// The head that an adapter, or one of its parts, brings along.
std::optional<TaskHead> taskHeadOf(const Adapter& adapter);

inline constexpr const char* kTaskHeadFile = "task_head.json";

/// Trains the model's head, from the values that it has; weights that another adapter brings along
/// are left to that one. nullptr where nothing is left. The model has to outlive it.
std::unique_ptr<Adapter> attachTaskHead(Model& model);

/// One adapter of a method's and a head's: where PEFT knows the method, PEFT's own with the head
/// among its modules_to_save; else both as parts.
std::unique_ptr<Adapter> withTaskHead(std::unique_ptr<Adapter> method,
                                      std::unique_ptr<Adapter> head);

/// Text of kTaskHeadFile.
std::string taskHeadText(const TaskHead& head);
/// The head that a stored adapter brings along: from kTaskHeadFile, or, where PEFT wrote the folder
/// for a classifier, as many unnamed labels as its file has. Throws Error for a damaged file.
std::optional<TaskHead> taskHeadIn(const std::filesystem::path& adapterFolder);

/// Recognises a model, and opens it for the head that the adapters bring along. Throws Error.
ModelSource openModelFor(const std::filesystem::path& model,
                         const std::vector<std::string>& adapterFolders);

} // namespace tw
