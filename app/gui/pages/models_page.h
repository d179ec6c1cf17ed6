// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/job_watcher.h"
#include "app/gui/page.h"
#include "core/workbench/tools.h"
#include "core/workbench/values.h"

#include <map>
#include <variant>

class QListView;
class QPushButton;
class QStandardItemModel;
class QTabBar;
class QStackedWidget;
class QTreeView;

namespace tw {

struct ListRow;
class BarPlot;
class Chip;
class FigureRow;
class LineageView;
class TensorTree;
class TextLabel;
class TokenizerView;

/// Models and adapters at the left; at the right the chosen one in words, its tensors, and one
/// tensor's values.
class ModelsPage final : public Page
{
    Q_OBJECT

public:
    explicit ModelsPage(Session& session);
    void projectChanged() override;
    void refresh() override;

private:
    using Summary = std::variant<ModelSummary, AdapterSummary>;

    void makeContent();
    QWidget* makeList();
    QWidget* makeRight();
    QWidget* makeTensors();
    QWidget* makeDetail();
    void makeEmpty();
    void openFile();
    void openFolder();
    void askWhatToFetch();
    void fetch(const FetchOptions& options);
    void fillList();
    void openModel(const std::string& path);
    ListRow rowOf(const std::string& path) const;
    template <typename SummaryOf>
    void read(Job<SummaryOf> job);
    void showNothing();
    void show(const ModelSummary& model);
    void show(const AdapterSummary& adapter);
    void showTensors(const std::vector<TensorSummary>& tensors);
    void showTensor(const std::string& name);
    void showDetail(const TensorDetail& detail);
    void offerTokenizer(bool isThere);
    void fillWords(const std::vector<std::pair<std::string, std::string>>& words);

    QStandardItemModel* m_items = nullptr;
    QListView* m_list = nullptr;
    TextLabel* m_name = nullptr;
    Chip* m_chip = nullptr;
    TextLabel* m_place = nullptr;
    TextLabel* m_words = nullptr;
    FigureRow* m_facts = nullptr;
    QTabBar* m_tabs = nullptr;
    QStackedWidget* m_views = nullptr;
    QStandardItemModel* m_configuration = nullptr;
    TensorTree* m_tensors = nullptr;
    QTreeView* m_tree = nullptr;
    TokenizerView* m_tokenizer = nullptr;
    LineageView* m_lineage = nullptr;
    TextLabel* m_tensorName = nullptr;
    TextLabel* m_tensorFact = nullptr;
    BarPlot* m_histogram = nullptr;
    FigureRow* m_values = nullptr;
    QPushButton* m_use = nullptr;

    std::string m_path;
    std::map<std::string, Summary> m_known;
    std::map<std::string, QString> m_failed;
    LatestJob m_describe;
    LatestJob m_detail;
};

} // namespace tw
