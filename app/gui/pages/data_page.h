// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/job_watcher.h"
#include "app/gui/page.h"
#include "core/workbench/experiment.h"
#include "core/workbench/values.h"

#include <QTimer>

#include <map>

class QListView;
class QPushButton;
class QSortFilterProxyModel;
class QStackedWidget;
class QStandardItemModel;
class QTabBar;

namespace tw {

class BarPlot;
class ChoiceBox;
class CounterRow;
class DataRowsModel;
class FigureRow;
class InlineMessage;
class Meter;
class NumberField;
class RoleRow;
class RowCache;
class TableView;
class TextLabel;
class TokenFlow;

/// Data sets at the left; at the right what the chosen one's columns are for, its rows, its tokens
/// and its shape.
class DataPage final : public Page
{
    Q_OBJECT

public:
    explicit DataPage(Session& session);
    void projectChanged() override;
    void refresh() override;

private:
    void makeContent();
    QWidget* makeList();
    QWidget* makeRight();
    QWidget* makeTabs();
    QWidget* makeTokens();
    QWidget* makeShape();
    void makeEmpty();
    void openFiles();
    void openFolder();
    void fillList();
    void openDataset(const std::string& path);
    void datasetRead(const DatasetSummary& dataset);
    void edited(); ///< roles, template, length or tokenizer have changed
    /// The shown data set with the roles that were set for it.
    DataPart part() const;
    /// The shown data set is what the experiment keeps apart: it is read beside the training data.
    bool isHeldOut() const;
    /// The experiment one part of which is exactly this data set, in the order of the file.
    Experiment proofExperiment() const;
    const ProofSummary& proof() const { return isHeldOut() ? m_report.heldOut : m_report.train; }
    void rolesEdited();
    void store(const Experiment& draft);
    void fillTokenizers();
    void prove();
    void showRecognised();
    void showProof();
    void showCounters();
    void showShape();
    void showProblem();
    void counterClicked(int index);
    void showRow(std::int64_t row);
    void showTokens(const RowTokens& tokens);
    void clearTokens();
    void use();

    QStandardItemModel* m_items = nullptr;
    QSortFilterProxyModel* m_found = nullptr;
    QListView* m_list = nullptr;
    RoleRow* m_roles = nullptr;
    ChoiceBox* m_layout = nullptr;
    ChoiceBox* m_tokenizer = nullptr;
    NumberField* m_length = nullptr;
    QTabBar* m_tabs = nullptr;
    QStackedWidget* m_views = nullptr;
    TextLabel* m_recognised = nullptr; ///< what the rows are
    CounterRow* m_counters = nullptr;
    InlineMessage* m_problem = nullptr;
    QWidget* m_problemRoom = nullptr;
    RowCache* m_cache = nullptr;
    DataRowsModel* m_rawRows = nullptr;
    DataRowsModel* m_tokenRows = nullptr;
    TableView* m_rawTable = nullptr;
    TableView* m_tokenTable = nullptr;
    TextLabel* m_rowsFoot = nullptr;
    TextLabel* m_rowTitle = nullptr;
    TextLabel* m_rowFact = nullptr;
    TokenFlow* m_flow = nullptr;
    TextLabel* m_limitWords = nullptr;
    Meter* m_limitMeter = nullptr;
    BarPlot* m_histogram = nullptr;
    FigureRow* m_shape = nullptr;
    QPushButton* m_use = nullptr;

    Experiment m_draft; ///< the project's
    std::string m_reader; ///< model whose tokenizer was chosen here; empty: the experiment's
    std::string m_path; ///< the shown data set
    DatasetSummary m_dataset; ///< empty while the data set is being read
    std::map<std::string, DatasetSummary> m_known;
    CheckReport m_report;
    bool m_isProven = false;
    std::int64_t m_row = -1;
    LatestJob m_describe;
    LatestJob m_proof;
    LatestJob m_tokens;
    QTimer m_proofTimer;
};

} // namespace tw
