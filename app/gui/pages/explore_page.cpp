// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/page.h"
#include "app/gui/page_list.h"
#include "app/gui/pages/explore/novelty.h"
#include "app/gui/pages/explore/side_by_side.h"
#include "app/gui/pages/pair_chooser.h"
#include "app/gui/session.h"
#include "widgets/basic/button.h"
#include "widgets/basic/empty_state.h"
#include "widgets/basic/inline_message.h"
#include "widgets/basic/panel.h"
#include "widgets/theme/icon.h"
#include "widgets/theme/type.h"

#include <QCoreApplication>
#include <QPushButton>
#include <QStackedWidget>
#include <QTabBar>
#include <QVBoxLayout>

namespace tw {
namespace {

/// "What does it say now that it did not say before?"
class ExplorePage final : public Page
{
    Q_DECLARE_TR_FUNCTIONS(tw::ExplorePage)

public:
    explicit ExplorePage(Session& session)
        : Page(session, pageEntry(PageId::Explore).title, pageEntry(PageId::Explore).question)
        , m_pair(new PairChooser(session))
        , m_tabs(new QTabBar)
        , m_stack(new QStackedWidget)
        , m_sideBySide(new SideBySide(session))
        , m_novelty(new Novelty(session))
    {
        setHeadWidget(m_pair);
        m_main = makeButton(tr("Ask both"), ButtonKind::Primary, QStringLiteral("play"));
        connect(m_main, &QPushButton::clicked, this, [this] { startOrStop(); });
        addAction(m_main);
        makeContent();
        makeEmptyState();
        connect(m_pair, &PairChooser::changed, this, [this] { showPair(); });
    }

    void projectChanged() override
    {
        m_sideBySide->stop();
        m_novelty->stop();
        message().hide();
        refresh();
    }
    void refresh() override
    {
        m_pair->refresh();
        showPair();
    }
    void showRun(std::int64_t run) override
    {
        m_pair->chooseRun(run);
        showPair();
    }
    bool isSettled() const override
    {
        return Page::isSettled() && !m_sideBySide->isRunning() && !m_novelty->isRunning();
    }

private:
    void makeContent()
    {
        m_tabs->setDocumentMode(true);
        m_tabs->setExpanding(false);
        m_tabs->setAccessibleName(tr("Ways to explore"));
        m_tabs->addTab(tr("Side by side"));
        m_tabs->addTab(tr("What is new in it?"));
        m_stack->addWidget(m_sideBySide);
        m_stack->addWidget(m_novelty);
        connect(m_tabs, &QTabBar::currentChanged, this, [this](int tab) {
            m_stack->setCurrentIndex(tab);
            showMainButton();
        });
        auto* room = new QWidget;
        auto* column = new QVBoxLayout(room);
        column->setContentsMargins(0, 0, 0, 0);
        column->setSpacing(0);
        column->addWidget(m_tabs);
        column->addWidget(makeLine(Qt::Horizontal));
        column->addSpacing(px(12));
        column->addWidget(m_stack, 1);
        setContent(room);
        const auto showFailure = [this](const QString& what, const QString& hint) {
            message().show(InlineMessage::Kind::Error, what, hint);
        };
        connect(m_sideBySide, &SideBySide::failed, this, showFailure);
        connect(m_novelty, &Novelty::failed, this, showFailure);
        connect(m_sideBySide, &SideBySide::stateChanged, this, [this] { showMainButton(); });
        connect(m_novelty, &Novelty::stateChanged, this, [this] { showMainButton(); });
    }

    void makeEmptyState()
    {
        auto* empty = new EmptyState(
            pageEntry(PageId::Explore).icon, tr("Nothing to compare yet"),
            tr("Here two models answer the same question, and the tuned one shows what it has "
               "learned. Finish a run, or open an adapter on the page Models."));
        connect(empty->addButton(tr("Set up a run")), &QPushButton::clicked, this,
                [this] { session().go(PageId::Tune); });
        connect(empty->addButton(tr("Open a model or adapter")), &QPushButton::clicked, this,
                [this] { session().go(PageId::Models); });
        setEmptyState(empty);
        showEmptyState(true);
    }

    void showPair()
    {
        const std::optional<PairChooser::Tuned> tuned = m_pair->tuned();
        const bool isEmpty = !session().project() || !tuned;
        showEmptyState(isEmpty);
        m_pair->setVisible(!isEmpty);
        m_main->setVisible(!isEmpty);
        if (isEmpty)
            return;
        m_sideBySide->setPair(m_pair->base(), m_pair->baseName(), *tuned);
        m_novelty->setPair(m_pair->base(), *tuned);
        if (tuned->run != 0)
            m_sideBySide->setSamples(session().project()->samples(tuned->run),
                                     tuned->isNewest && m_pair->base().adapter.empty());
        showMainButton();
    }

    bool isSideBySide() const { return m_tabs->currentIndex() == 0; }
    bool isRunning() const
    {
        return isSideBySide() ? m_sideBySide->isRunning() : m_novelty->isRunning();
    }

    void startOrStop()
    {
        message().hide();
        if (isRunning())
            isSideBySide() ? m_sideBySide->stop() : m_novelty->stop();
        else
            isSideBySide() ? m_sideBySide->start() : m_novelty->start();
        showMainButton();
    }

    void showMainButton()
    {
        m_main->setText(isRunning()          ? tr("Stop writing")
                            : isSideBySide() ? tr("Ask both")
                                             : tr("Find out"));
        m_main->setIcon(lineIcon(isRunning() ? QStringLiteral("stop") : QStringLiteral("play"),
                                 IconTone::OnAccent));
    }

    PairChooser* m_pair;
    QTabBar* m_tabs;
    QStackedWidget* m_stack;
    SideBySide* m_sideBySide;
    Novelty* m_novelty;
    QPushButton* m_main = nullptr;
};

} // namespace

Page* makeExplorePage(Session& session)
{
    return new ExplorePage(session);
}

} // namespace tw
