// SPDX-License-Identifier: Apache-2.0
// softmax(scale q k^T) v within each row. Queries are taken in blocks together
// with all the heads that share a key head, so that each product is large and keys are never
// repeated; scores live in a buffer that stays in the cache. Forward keeps log-sum-exp per query
// (Dao et al. 2022), backward makes the probabilities again.

#include "core/model/gemm.h"
#include "core/model/kernels.h"
#include "core/model/loops.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <atomic>
#include <limits>

namespace tw {
namespace {

// Scores of one block, in numbers: 1 MiB of float32, half of the second-level cache of today's
// servers.
constexpr std::int64_t kBlockScores = 256 * 1024;
constexpr std::int64_t kMostQueries = 128;

/// One row of the batch, one key head and the query heads that share it.
struct Task
{
    std::int64_t first; ///< of the row's tokens
    std::int64_t count;
    std::int64_t kvHead;
    std::int64_t prefix; ///< tokens at the row's beginning that all see each other
};

/// Raw views of what all tasks read; strides are in numbers.
struct Operands
{
    AttentionShape shape;
    const float* q;
    const float* k;
    const float* v;
    const float* cosines;
    const float* sines;
    std::int64_t half; ///< of the dimensions of a head that are turned
    const std::uint8_t* unseen; ///< of each token, or nullptr

    std::int64_t group() const { return shape.heads / shape.kvHeads; }
    std::int64_t queryStride() const { return shape.heads * shape.headSize; }
    std::int64_t keyStride() const { return shape.kvHeads * shape.headSize; }
    float scale() const { return static_cast<float>(shape.factor()); }
    /// Offset of head `head` of token `token` in q and in what has its shape.
    std::int64_t queryAt(std::int64_t token, std::int64_t head) const
    {
        return token * queryStride() + head * shape.headSize;
    }
    std::int64_t keyAt(std::int64_t token, std::int64_t head) const
    {
        return token * keyStride() + head * shape.headSize;
    }
};

/// One head of one token, turned to its place and scaled.
void turn(const Operands& in, const float* from, std::int64_t token, float scale, float* to)
{
    if (in.half > 0)
        loops::rotate(from, in.cosines + token * in.half, in.sines + token * in.half, scale, to,
                      in.half);
    for (std::int64_t i = 2 * in.half; i < in.shape.headSize; ++i)
        to[i] = from[i] * scale;
}

void turnBack(const Operands& in, const float* from, std::int64_t token, float scale, float* to)
{
    if (in.half > 0)
        loops::rotateBack(from, in.cosines + token * in.half, in.sines + token * in.half, scale, to,
                          in.half);
    for (std::int64_t i = 2 * in.half; i < in.shape.headSize; ++i)
        to[i] = from[i] * scale;
}

/// Queries [first, end) of a row against its keys [firstKey, endKey).
struct Block
{
    std::int64_t first;
    std::int64_t end;
    std::int64_t firstKey;
    std::int64_t endKey;
    std::int64_t prefix;
    std::int64_t queries() const { return end - first; }
    std::int64_t keys() const { return endKey - firstKey; }
    /// Keys that query i of the block sees: [seenFrom, seenEnd), counted from firstKey.
    std::int64_t seenEnd(std::int64_t i, const AttentionShape& shape) const
    {
        return shape.isCausal ? std::max(first + i + 1, prefix) - firstKey : keys();
    }
    std::int64_t seenFrom(std::int64_t i, const AttentionShape& shape) const
    {
        return shape.window ? std::max<std::int64_t>(0, first + i + 1 - firstKey - *shape.window)
                            : 0;
    }
};

std::int64_t queriesPerBlock(const Operands& in, std::int64_t count)
{
    return std::clamp<std::int64_t>(kBlockScores / (in.group() * count), 8, kMostQueries);
}

Block blockAt(const Operands& in, const Task& task, std::int64_t first, std::int64_t size)
{
    const std::int64_t firstKey =
        in.shape.window ? std::max<std::int64_t>(0, first + 1 - *in.shape.window) : 0;
    const std::int64_t end = std::min(first + size, task.count);
    return {first, end, firstKey, in.shape.isCausal ? std::max(end, task.prefix) : task.count,
            task.prefix};
}

/// Longest rows first, so that no thread is left alone with one at the end.
std::vector<Task> tasksOf(const std::vector<std::int64_t>& starts,
                          std::int64_t kvHeads,
                          const std::vector<std::int64_t>& prefixes)
{
    std::vector<Task> tasks;
    for (std::size_t row = 0; row + 1 < starts.size(); ++row) {
        const std::int64_t count = starts[row + 1] - starts[row];
        const std::int64_t prefix = prefixes.empty() ? 0 : std::min(prefixes.at(row), count);
        for (std::int64_t head = 0; head < kvHeads && count > 0; ++head)
            tasks.push_back({starts[row], count, head, prefix});
    }
    std::stable_sort(tasks.begin(), tasks.end(),
                     [](const Task& a, const Task& b) { return a.count > b.count; });
    return tasks;
}

/// Each thread takes the next task when it is done with one; a task's result does not depend on who
/// computes it.
template <typename Work>
void runTasks(const std::vector<Task>& tasks, Work work)
{
    const auto threads =
        std::min<std::int64_t>(at::get_num_threads(), static_cast<std::int64_t>(tasks.size()));
    std::atomic<std::size_t> next = 0;
    at::parallel_for(0, threads, 1, [&](std::int64_t, std::int64_t) {
        for (std::size_t i = next++; i < tasks.size(); i = next++)
            work(tasks[i]);
    });
}

/// The row's keys of one head, rotated: [count, headSize].
void packKeys(const Operands& in, const Task& task, float* keys)
{
    for (std::int64_t t = 0; t < task.count; ++t) {
        const std::int64_t token = task.first + t;
        turn(in, in.k + in.keyAt(token, task.kvHead), token, 1.0f, keys + t * in.shape.headSize);
    }
}

/// The block's queries of all heads of the group, rotated and scaled: [group * queries, headSize].
void packQueries(const Operands& in, const Task& task, const Block& block, float* queries)
{
    for (std::int64_t g = 0; g < in.group(); ++g)
        for (std::int64_t i = 0; i < block.queries(); ++i) {
            const std::int64_t token = task.first + block.first + i;
            turn(in, in.q + in.queryAt(token, task.kvHead * in.group() + g), token, in.scale(),
                 queries + (g * block.queries() + i) * in.shape.headSize);
        }
}

/// What one thread needs while it works on a task.
struct Workspace
{
    Workspace(const Operands& in, const Task& task)
        : block(queriesPerBlock(in, task.count))
        , rows(in.group() * block)
        , keys(static_cast<std::size_t>(task.count * in.shape.headSize))
        , queries(static_cast<std::size_t>(rows * in.shape.headSize))
        , mixed(queries.size())
        , scores(static_cast<std::size_t>(rows * task.count))
    {
    }
    std::int64_t block; ///< queries per block
    std::int64_t rows; ///< queries of all heads of the group
    std::vector<float> keys;
    std::vector<float> queries;
    std::vector<float> mixed; ///< outputs, or their gradients
    std::vector<float> scores; ///< [rows, keys of the block]
};

void clearUnseen(float* row, const Block& block, std::int64_t i, const AttentionShape& shape)
{
    std::fill(row, row + block.seenFrom(i, shape), 0.0f);
    std::fill(row + block.seenEnd(i, shape), row + block.keys(), 0.0f);
}

/// Scores of one query [from, end) of a block's keys without those that nobody sees.
class Seen
{
public:
    Seen(const Operands& in, const Task& task, const Block& block, std::int64_t query)
        : m_unseen(in.unseen == nullptr ? nullptr : in.unseen + task.first + block.firstKey)
        , m_from(block.seenFrom(query, in.shape))
        , m_end(block.seenEnd(query, in.shape))
        , m_own(block.first + query - block.firstKey)
        , m_isBlind(m_unseen != nullptr
                    && std::all_of(m_unseen + m_from, m_unseen + m_end, [](std::uint8_t isUnseen) {
                           return isUnseen != 0;
                       }))
    {
    }

    std::int64_t from() const { return m_from; }
    std::int64_t count() const { return m_end - m_from; }
    /// Gives the keys that are not seen this score. row: of all keys of the block.
    void fill(float* row, float score) const
    {
        if (m_unseen == nullptr)
            return;
        for (std::int64_t j = m_from; j < m_end; ++j)
            if (m_unseen[j] != 0 && !(m_isBlind && j == m_own))
                row[j] = score;
    }

private:
    const std::uint8_t* m_unseen;
    std::int64_t m_from;
    std::int64_t m_end;
    std::int64_t m_own; ///< the query's own key
    bool m_isBlind; ///< but for itself
};

constexpr float kNever = std::numeric_limits<float>::lowest();

/// softmax over the keys each query sees; 0 elsewhere. logSums: [tokens, heads].
void softmaxBlock(
    const Operands& in, const Task& task, const Block& block, float* scores, float* logSums)
{
    for (std::int64_t g = 0; g < in.group(); ++g)
        for (std::int64_t i = 0; i < block.queries(); ++i) {
            float* row = scores + (g * block.queries() + i) * block.keys();
            const Seen seen(in, task, block, i);
            seen.fill(row, kNever);
            const float logSum = loops::softmax(row + seen.from(), seen.count());
            seen.fill(row, 0.0f);
            clearUnseen(row, block, i, in.shape);
            logSums[(task.first + block.first + i) * in.shape.heads + task.kvHead * in.group()
                    + g] = logSum;
        }
}

void forwardTask(const Operands& in, const Task& task, float* out, float* logSums)
{
    const std::int64_t size = in.shape.headSize;
    Workspace work(in, task);
    packKeys(in, task, work.keys.data());
    for (std::int64_t first = 0; first < task.count; first += work.block) {
        const Block block = blockAt(in, task, first, work.block);
        const std::int64_t rows = in.group() * block.queries();
        packQueries(in, task, block, work.queries.data());
        multiply(rows, block.keys(), size, {work.queries.data(), size},
                 {work.keys.data() + block.firstKey * size, size, true}, work.scores.data(),
                 block.keys());
        softmaxBlock(in, task, block, work.scores.data(), logSums);
        for (std::int64_t g = 0; g < in.group(); ++g)
            multiply(block.queries(), size, block.keys(),
                     {work.scores.data() + g * block.queries() * block.keys(), block.keys()},
                     {in.v + in.keyAt(task.first + block.firstKey, task.kvHead), in.keyStride()},
                     out + in.queryAt(task.first + block.first, task.kvHead * in.group() + g),
                     in.queryStride());
    }
}

/// What backward reads and writes besides the operands; laid out like q, k and v.
struct Gradients
{
    const float* out;
    const float* logSums;
    const float* dOut;
    float* dq;
    float* dk;
    float* dv;
};

/// Probabilities and, in their place in `dScores`, gradients of the scores.
void softmaxBackwardBlock(const Operands& in,
                          const Task& task,
                          const Block& block,
                          const Gradients& grads,
                          float* scores,
                          float* dScores)
{
    const std::int64_t size = in.shape.headSize;
    for (std::int64_t g = 0; g < in.group(); ++g)
        for (std::int64_t i = 0; i < block.queries(); ++i) {
            const std::int64_t token = task.first + block.first + i;
            const std::int64_t head = task.kvHead * in.group() + g;
            const std::int64_t offset = (g * block.queries() + i) * block.keys();
            const Seen seen(in, task, block, i);
            const std::int64_t from = seen.from();
            const std::int64_t at = in.queryAt(token, head);
            loops::softmaxAgain(scores + offset + from,
                                grads.logSums[token * in.shape.heads + head], seen.count());
            seen.fill(scores + offset, 0.0f);
            loops::softmaxBackward(scores + offset + from,
                                   loops::dot(grads.dOut + at, grads.out + at, size),
                                   dScores + offset + from, seen.count());
            clearUnseen(scores + offset, block, i, in.shape);
            clearUnseen(dScores + offset, block, i, in.shape);
        }
}

/// The block's output gradients, heads of the group one after the other: [group * queries,
/// headSize].
void packOutputGradients(
    const Operands& in, const Task& task, const Block& block, const Gradients& grads, float* packed)
{
    const std::int64_t size = in.shape.headSize;
    for (std::int64_t g = 0; g < in.group(); ++g)
        for (std::int64_t i = 0; i < block.queries(); ++i) {
            const float* from =
                grads.dOut + in.queryAt(task.first + block.first + i, task.kvHead * in.group() + g);
            std::copy(from, from + size, packed + (g * block.queries() + i) * size);
        }
}

void unpackQueryGradients(const Operands& in,
                          const Task& task,
                          const Block& block,
                          const float* packed,
                          const Gradients& grads)
{
    for (std::int64_t g = 0; g < in.group(); ++g)
        for (std::int64_t i = 0; i < block.queries(); ++i) {
            const std::int64_t token = task.first + block.first + i;
            turnBack(in, packed + (g * block.queries() + i) * in.shape.headSize, token, in.scale(),
                     grads.dq + in.queryAt(token, task.kvHead * in.group() + g));
        }
}

void unpackKeyGradients(const Operands& in,
                        const Task& task,
                        const float* packed,
                        const Gradients& grads)
{
    for (std::int64_t t = 0; t < task.count; ++t) {
        const std::int64_t token = task.first + t;
        turnBack(in, packed + t * in.shape.headSize, token, 1.0f,
                 grads.dk + in.keyAt(token, task.kvHead));
    }
}

void backwardTask(const Operands& in, const Task& task, const Gradients& grads)
{
    const std::int64_t size = in.shape.headSize;
    Workspace work(in, task);
    std::vector<float> dScores(work.scores.size());
    std::vector<float> dKeys(work.keys.size(), 0.0f);
    float* dv = grads.dv + in.keyAt(task.first, task.kvHead); // zeros
    packKeys(in, task, work.keys.data());
    for (std::int64_t first = 0; first < task.count; first += work.block) {
        const Block block = blockAt(in, task, first, work.block);
        const std::int64_t rows = in.group() * block.queries();
        const std::int64_t keys = block.keys();
        const float* keysSeen = work.keys.data() + block.firstKey * size;
        packQueries(in, task, block, work.queries.data());
        packOutputGradients(in, task, block, grads, work.mixed.data());
        multiply(rows, keys, size, {work.queries.data(), size}, {keysSeen, size, true},
                 work.scores.data(), keys);
        multiply(rows, keys, size, {work.mixed.data(), size},
                 {in.v + in.keyAt(task.first + block.firstKey, task.kvHead), in.keyStride(), true},
                 dScores.data(), keys);
        softmaxBackwardBlock(in, task, block, grads, work.scores.data(), dScores.data());
        multiply(keys, size, rows, {work.scores.data(), keys, true}, {work.mixed.data(), size},
                 dv + block.firstKey * in.keyStride(), in.keyStride(), true);
        multiply(keys, size, rows, {dScores.data(), keys, true}, {work.queries.data(), size},
                 dKeys.data() + block.firstKey * size, size, true);
        multiply(rows, size, keys, {dScores.data(), keys}, {keysSeen, size}, work.mixed.data(),
                 size);
        unpackQueryGradients(in, task, block, work.mixed.data(), grads);
    }
    unpackKeyGradients(in, task, dKeys.data(), grads);
}

Operands operandsOf(const at::Tensor& q,
                    const at::Tensor& k,
                    const at::Tensor& v,
                    const RotaryTable& rotary,
                    const AttentionShape& shape,
                    const at::Tensor& unseen)
{
    const bool isTurned = rotary.cosines.defined();
    return {shape,
            q.const_data_ptr<float>(),
            k.const_data_ptr<float>(),
            v.const_data_ptr<float>(),
            isTurned ? rotary.cosines.const_data_ptr<float>() : nullptr,
            isTurned ? rotary.sines.const_data_ptr<float>() : nullptr,
            isTurned ? rotary.cosines.size(1) : 0,
            unseen.defined() ? unseen.const_data_ptr<std::uint8_t>() : nullptr};
}

class AttentionFunction final : public torch::autograd::Function<AttentionFunction>
{
public:
    static at::Tensor forward(torch::autograd::AutogradContext* context,
                              const at::Tensor& q,
                              const at::Tensor& k,
                              const at::Tensor& v,
                              const RotaryTable& rotary,
                              const std::vector<std::int64_t>& starts,
                              const AttentionShape& shape,
                              const Sight& sight)
    {
        at::Tensor out = at::empty_like(q);
        const at::Tensor logSums = at::empty({q.size(0), shape.heads}, q.options());
        const Operands in = operandsOf(q, k, v, rotary, shape, sight.unseen);
        runTasks(tasksOf(starts, shape.kvHeads, sight.prefixes),
                 [&, to = out.mutable_data_ptr<float>(), sums = logSums.mutable_data_ptr<float>()](
                     const Task& task) { forwardTask(in, task, to, sums); });
        context->save_for_backward(
            {q, k, v, rotary.cosines, rotary.sines, out, logSums, sight.unseen});
        context->saved_data["starts"] = starts;
        context->saved_data["prefixes"] = sight.prefixes;
        context->saved_data["shape"] = std::vector<std::int64_t> {
            shape.heads, shape.kvHeads, shape.headSize, shape.window.value_or(0), shape.isCausal};
        context->saved_data["scale"] = shape.scale;
        return out;
    }

    static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                   torch::autograd::variable_list gradients)
    {
        const auto saved = context->get_saved_variables();
        const auto numbers = context->saved_data["shape"].toIntVector();
        AttentionShape shape {numbers[0],
                              numbers[1],
                              numbers[2],
                              std::nullopt,
                              context->saved_data["scale"].toDouble(),
                              numbers[4] != 0};
        if (numbers[3] > 0)
            shape.window = numbers[3];
        const at::Tensor dOut = gradients[0].contiguous();
        at::Tensor dq = at::empty_like(saved[0]);
        at::Tensor dk = at::empty_like(saved[1]);
        at::Tensor dv = at::zeros_like(saved[2]);
        const Operands in =
            operandsOf(saved[0], saved[1], saved[2], {saved[3], saved[4]}, shape, saved[7]);
        const Gradients grads {saved[5].const_data_ptr<float>(), saved[6].const_data_ptr<float>(),
                               dOut.const_data_ptr<float>(),     dq.mutable_data_ptr<float>(),
                               dk.mutable_data_ptr<float>(),     dv.mutable_data_ptr<float>()};
        runTasks(tasksOf(context->saved_data["starts"].toIntVector(), shape.kvHeads,
                         context->saved_data["prefixes"].toIntVector()),
                 [&](const Task& task) { backwardTask(in, task, grads); });
        return {dq, dk, dv, {}, {}, {}, {}};
    }
};

} // namespace

at::Tensor attention(const at::Tensor& q,
                     const at::Tensor& k,
                     const at::Tensor& v,
                     const RotaryTable& rotary,
                     const std::vector<std::int64_t>& starts,
                     const AttentionShape& shape,
                     const Sight& sight)
{
    return AttentionFunction::apply(q.contiguous(), k.contiguous(), v.contiguous(), rotary, starts,
                                    shape, sight);
}

} // namespace tw
