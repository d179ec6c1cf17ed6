// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/workbench/values.h"

#include <QAbstractItemModel>

#include <memory>
#include <vector>

namespace tw {

/// The tensors of a model as a tree along the dots of their names: name, shape, type, bytes.
class TensorTree final : public QAbstractItemModel
{
    Q_OBJECT

public:
    explicit TensorTree(QObject* parent = nullptr);
    ~TensorTree() override;
    void setTensors(const std::vector<TensorSummary>& tensors);
    /// The tensor behind an index; nullptr for a group.
    const TensorSummary* tensor(const QModelIndex& index) const;
    QModelIndex find(const std::string& tensor) const;

    QModelIndex index(int row, int column, const QModelIndex& parent = {}) const override;
    QModelIndex parent(const QModelIndex& index) const override;
    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    struct Node;
    Node* nodeOf(const QModelIndex& index) const;
    QString cell(const Node& node, int column) const;
    void add(const TensorSummary& tensor);
    static void collapse(Node& node);
    static void sortLayers(Node& node);
    static void count(Node& node);

    std::vector<TensorSummary> m_tensors;
    std::unique_ptr<Node> m_root;
};

} // namespace tw
