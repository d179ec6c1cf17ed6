// SPDX-License-Identifier: Apache-2.0
#pragma once

// Whether PEFT itself opens an adapter without a warning and computes the same.
#include "core/adaptation/adaptation.h"
#include "tests/contract/tiny_models.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <QProcess>
#include <QTemporaryDir>

namespace tw {

/// A Python with PEFT, from the environment; empty where none is named.
inline QString referencePython()
{
    return qEnvironmentVariable("TW_REFERENCE_PYTHON");
}

/// What PEFT says against an adapter that is attached to the model; empty: nothing.
inline QString peftSaysAgainst(const Adapter& adapter, const TinyModel& tiny, const Model& model)
{
    const at::NoGradGuard noGradients;
    const QTemporaryDir folder;
    const std::filesystem::path path = folder.path().toStdString();
    writeAdapter(adapter, tiny.folder.string(), path / "adapter");
    NamedTensors expected;
    if (model.config().task == ModelTask::CausalLm) {
        const at::Tensor ids = at::arange(3, 30, 2, at::kLong);
        PackedInput row {ids, at::arange(ids.size(0)), {0, ids.size(0)}};
        row.showsVirtualTokens = true; // as PEFT gives them
        expected = {{"ids", ids}, {"logits", model.logits(model.hidden(row)).contiguous()}};
    } else {
        expected.emplace_back("logits", answer(model).contiguous());
        for (const auto& [name, ids] : someInputs(model))
            expected.emplace_back(name, ids);
    }
    writeSafetensors(path / "expected.safetensors", expected, {{"format", "pt"}});
    QStringList arguments {QStringLiteral(TW_FIXTURES "/adaptation/check_with_peft.py")};
    for (const std::filesystem::path& part :
         {tiny.folder, path / "adapter", path / "expected.safetensors"})
        arguments << QString::fromStdString(part.string());
    QProcess process;
    process.setProcessChannelMode(QProcess::MergedChannels);
    process.start(referencePython(), arguments);
    if (!process.waitForFinished(300000))
        return QStringLiteral("it did not end");
    return process.exitCode() == 0 ? QString() : QString::fromUtf8(process.readAll());
}

} // namespace tw
