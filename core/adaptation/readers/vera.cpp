// SPDX-License-Identifier: Apache-2.0
// VeRA (Kopiczko et al. 2024): delta = diag(b) B diag(d) A with random A and B that all layers
// share, each using as much of them as it is wide; only the vectors b and d are trained.

#include "core/adaptation/readers/registry.h"
#include "core/base/error.h"
#include "core/base/translate.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <ATen/CPUGeneratorImpl.h>

#include <algorithm>
#include <cmath>

namespace tw {
namespace {

constexpr const char* kA = "base_model.vera_A";
constexpr const char* kB = "base_model.vera_B";

class VeraDelta final : public WeightDelta
{
public:
    /// A [rank, in], B [out, rank]: frozen; d [rank], b [out].
    VeraDelta(at::Tensor A, at::Tensor B, at::Tensor d, at::Tensor b, double dropout)
        : m_A(std::move(A))
        , m_B(std::move(B))
        , m_d(d.requires_grad_())
        , m_b(b.requires_grad_())
        , m_dropout(dropout)
    {
    }
    at::Tensor apply(const at::Tensor& x) const override
    {
        const at::Tensor seen =
            m_dropout > 0 ? at::dropout(x, m_dropout, at::GradMode::is_enabled()) : x;
        return at::linear(at::linear(seen, m_A) * m_d, m_B) * m_b;
    }
    at::Tensor matrix() const override
    {
        return (m_B * m_b.unsqueeze(1)).matmul(m_A * m_d.unsqueeze(1));
    }
    NamedTensors trainable() const override
    {
        return {{"vera_lambda_b", m_b}, {"vera_lambda_d", m_d}};
    }

private:
    at::Tensor m_A;
    at::Tensor m_B;
    at::Tensor m_d;
    at::Tensor m_b;
    double m_dropout;
};

struct Projections
{
    at::Tensor A; ///< [rank, widest input]
    at::Tensor B; ///< [widest output, rank]
};

/// Uniform within sqrt(6 / columns) (He et al. 2015), drawn by LibTorch's generator as PEFT does.
at::Tensor drawn(std::int64_t rows, std::int64_t columns, at::Generator& generator)
{
    const double bound = std::sqrt(6.0 / static_cast<double>(columns));
    return at::empty({rows, columns}, at::kFloat).uniform_(-bound, bound, generator);
}

/// From the file, or again from the seed where only that was kept.
Projections
projectionsOf(PeftReader& reader, std::int64_t rank, std::int64_t widestIn, std::int64_t widestOut)
{
    if (reader.has(kA) || peftFlag(reader.config(), "save_projection", true))
        return {reader.tensor(kA, {rank, widestIn}), reader.tensor(kB, {widestOut, rank})};
    const std::int64_t seed = peftInteger(reader.config(), "projection_prng_key", 0);
    auto generator = at::make_generator<at::CPUGeneratorImpl>(static_cast<std::uint64_t>(seed));
    const at::Tensor A = drawn(rank, widestIn, generator);
    return {A, drawn(widestOut, rank, generator)};
}

/// The shared matrices are made before anything of the file vouches for their size.
void checkRank(std::int64_t rank, std::int64_t widest)
{
    const std::int64_t most = std::max<std::int64_t>(4096, widest);
    if (rank > most)
        throw Error(std::string(kPeftConfigFile) + ": r is " + std::to_string(rank)
                        + ", far more than the layers are wide.",
                    "VeRA uses some hundred; at most " + std::to_string(most) + " are read here.");
}

AdapterParts read(PeftReader& reader)
{
    const auto targets = reader.targets({SiteKind::Head});
    const std::int64_t rank = PeftRanks(reader.config(), "", "r", 256).of("");
    const double dropout = peftNumber(reader.config(), "vera_dropout", 0);
    std::int64_t widestIn = 0;
    std::int64_t widestOut = 0;
    for (const SiteInfo& info : targets) {
        widestIn = std::max(widestIn, info.in);
        widestOut = std::max(widestOut, info.out);
    }
    checkRank(rank, std::max(widestIn, widestOut));
    const Projections all = projectionsOf(reader, rank, widestIn, widestOut);
    AdapterParts parts;
    parts.frozen = {{kA, all.A}, {kB, all.B}};
    reader.rewrite("save_projection", true); // another version might draw other numbers
    for (const SiteInfo& info : targets)
        parts.changes.push_back(
            {info,
             std::make_shared<VeraDelta>(
                 all.A.narrow(1, 0, info.in), all.B.narrow(0, 0, info.out),
                 reader.tensor(peftName(info.module, "vera_lambda_d"), {rank}),
                 reader.tensor(peftName(info.module, "vera_lambda_b"), {info.out}), dropout)});
    return parts;
}

} // namespace

void registerVera(Registry<AdapterReader>& registry)
{
    registry.add({"vera",
                  QT_TRANSLATE_NOOP("adapter", "VeRA"),
                  "VERA",
                  {"r", "projection_prng_key", "save_projection", "vera_dropout", "d_initial",
                   "init_weights"},
                  read});
}

} // namespace tw
