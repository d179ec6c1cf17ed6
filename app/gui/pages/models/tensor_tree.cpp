// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/pages/models/tensor_tree.h"

#include "core/base/text.h"
#include "widgets/table/column_table.h"

#include <QLocale>

#include <algorithm>

namespace tw {

struct TensorTree::Node
{
    QString name;
    Node* parent = nullptr;
    int row = 0;
    std::vector<std::unique_ptr<Node>> children;
    const TensorSummary* tensor = nullptr;
    std::int64_t tensors = 0; ///< below this node
    std::uint64_t bytes = 0;

    Node* child(const QString& wanted)
    {
        for (const auto& node : children) {
            if (node->name == wanted && node->tensor == nullptr)
                return node.get();
        }
        auto made = std::make_unique<Node>();
        made->name = wanted;
        made->parent = this;
        made->row = static_cast<int>(children.size());
        children.push_back(std::move(made));
        return children.back().get();
    }
};

TensorTree::TensorTree(QObject* parent)
    : QAbstractItemModel(parent)
    , m_root(std::make_unique<Node>())
{
}

TensorTree::~TensorTree() = default;

void TensorTree::setTensors(const std::vector<TensorSummary>& tensors)
{
    beginResetModel();
    m_root = std::make_unique<Node>();
    m_tensors = tensors;
    for (const TensorSummary& tensor : m_tensors)
        add(tensor);
    for (const auto& node : m_root->children)
        collapse(*node);
    sortLayers(*m_root);
    count(*m_root);
    endResetModel();
}

void TensorTree::add(const TensorSummary& tensor)
{
    const QStringList parts = QString::fromStdString(tensor.name).split(QLatin1Char('.'));
    Node* at = m_root.get();
    // "weight" and "bias" stay with their module's name: a level of its own would hold one row.
    const auto groups = std::max<qsizetype>(0, parts.size() - 2);
    for (qsizetype i = 0; i < groups; ++i)
        at = at->child(parts[i]);
    auto leaf = std::make_unique<Node>();
    leaf->name = parts.mid(groups).join(QLatin1Char('.'));
    leaf->parent = at;
    leaf->row = static_cast<int>(at->children.size());
    leaf->tensor = &tensor;
    at->children.push_back(std::move(leaf));
}

/// A group with one group in it is one row: "layers.24", not "layers" over "24" alone.
void TensorTree::collapse(Node& node)
{
    while (node.children.size() == 1 && node.children.front()->tensor == nullptr) {
        const std::unique_ptr<Node> only = std::move(node.children.front());
        node.name += QLatin1Char('.') + only->name;
        node.children = std::move(only->children);
        for (const auto& child : node.children)
            child->parent = &node;
    }
    for (const auto& child : node.children) {
        if (child->tensor == nullptr)
            collapse(*child);
    }
}

/// Layers by number where the file has them by name (0, 1, 10, 11, 2).
void TensorTree::sortLayers(Node& node)
{
    const auto isNumber = [](const std::unique_ptr<Node>& child) {
        bool isOne = false;
        child->name.toInt(&isOne);
        return isOne && child->tensor == nullptr;
    };
    if (std::all_of(node.children.begin(), node.children.end(), isNumber))
        std::stable_sort(
            node.children.begin(), node.children.end(),
            [](const auto& a, const auto& b) { return a->name.toInt() < b->name.toInt(); });
    for (std::size_t i = 0; i < node.children.size(); ++i) {
        node.children[i]->row = static_cast<int>(i);
        sortLayers(*node.children[i]);
    }
}

void TensorTree::count(Node& node)
{
    if (node.tensor != nullptr) {
        node.tensors = 1;
        node.bytes = node.tensor->bytes;
    }
    for (const auto& child : node.children) {
        count(*child);
        node.tensors += child->tensors;
        node.bytes += child->bytes;
    }
}

TensorTree::Node* TensorTree::nodeOf(const QModelIndex& index) const
{
    return index.isValid() ? static_cast<Node*>(index.internalPointer()) : m_root.get();
}

const TensorSummary* TensorTree::tensor(const QModelIndex& index) const
{
    return nodeOf(index)->tensor;
}

QModelIndex TensorTree::find(const std::string& tensor) const
{
    std::vector<QModelIndex> open {QModelIndex()};
    while (!open.empty()) {
        const QModelIndex at = open.back();
        open.pop_back();
        const Node* node = nodeOf(at);
        if (node->tensor != nullptr && node->tensor->name == tensor)
            return at;
        for (int row = 0; row < rowCount(at); ++row)
            open.push_back(index(row, 0, at));
    }
    return {};
}

QModelIndex TensorTree::index(int row, int column, const QModelIndex& parent) const
{
    if (!hasIndex(row, column, parent))
        return {};
    return createIndex(row, column, nodeOf(parent)->children[static_cast<std::size_t>(row)].get());
}

QModelIndex TensorTree::parent(const QModelIndex& index) const
{
    Node* above = index.isValid() ? nodeOf(index)->parent : nullptr;
    if (above == nullptr || above == m_root.get())
        return {};
    return createIndex(above->row, 0, above);
}

int TensorTree::rowCount(const QModelIndex& parent) const
{
    return parent.column() > 0 ? 0 : static_cast<int>(nodeOf(parent)->children.size());
}

int TensorTree::columnCount(const QModelIndex&) const
{
    return 4;
}

QVariant TensorTree::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const Node& node = *nodeOf(index);
    const bool isNumber = index.column() == 1 || index.column() == 3;
    switch (role) {
    case Qt::DisplayRole:
        return cell(node, index.column());
    case Qt::ToolTipRole:
        return node.tensor != nullptr ? QString::fromStdString(node.tensor->name) : QVariant();
    case NumberRole:
        return isNumber;
    case StrongRole:
        return node.tensor == nullptr && index.column() == 0;
    case InkRole:
        return index.column() == 2 ? QVariant(QStringLiteral("ink2")) : QVariant();
    case Qt::TextAlignmentRole:
        return QVariant::fromValue(
            Qt::Alignment((isNumber ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter));
    default:
        return {};
    }
}

QString TensorTree::cell(const Node& node, int column) const
{
    switch (column) {
    case 0:
        return node.name;
    case 1: {
        if (node.tensor == nullptr)
            return tr("%n tensor(s)", nullptr, static_cast<int>(node.tensors));
        QStringList sides;
        for (const std::int64_t side : node.tensor->shape)
            sides << QLocale().toString(qlonglong(side));
        return sides.join(QString(QStringLiteral(" %1 ")).arg(QChar(0x00D7)));
    }
    case 2:
        return node.tensor == nullptr ? QString() : QString::fromStdString(node.tensor->dtype);
    default:
        return QString::fromStdString(bytesInWords(node.bytes));
    }
}

QVariant TensorTree::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue(Qt::Alignment(
            (section == 1 || section == 3 ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter));
    if (role != Qt::DisplayRole)
        return {};
    const QString names[] = {tr("Name"), tr("Shape"), tr("Type"), tr("Bytes")};
    return section >= 0 && section < 4 ? names[section] : QVariant();
}

} // namespace tw
