// SPDX-License-Identifier: Apache-2.0
#include "core/model/model.h"

namespace tw {
namespace {

/// Reads each weight from the file when the model asks for it.
class StoredWeights final : public WeightSource
{
public:
    StoredWeights(const ModelSource& source, JobControl& control)
        : m_source(source)
        , m_control(control)
        , m_total(static_cast<std::int64_t>(source.weightInfos().size()))
    {
    }
    bool has(const std::string& name) const override { return m_source.has(name); }

protected:
    at::Tensor read(const std::string& name, const std::vector<std::int64_t>&) override
    {
        m_control.throwIfCancelled();
        m_control.report("loading", static_cast<std::int64_t>(taken().size()), m_total);
        return m_source.weight(name);
    }

private:
    const ModelSource& m_source;
    JobControl& m_control;
    std::int64_t m_total;
};

} // namespace

std::shared_ptr<Model> loadModel(const ModelSource& source, JobControl& control)
{
    StoredWeights weights(source, control);
    std::shared_ptr<Model> model = source.build(weights);
    const auto total = static_cast<std::int64_t>(weights.taken().size());
    control.report("loading", total, total);
    return model;
}

} // namespace tw
