<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en">
<context>
    <name>design</name>
    <message numerus="yes">
        <location filename="../app/gui/pages/tune/design_view.cpp" line="32"/>
        <source>%n token(s)</source>
        <translation>
            <numerusform>%n token</numerusform>
            <numerusform>%n tokens</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <location filename="../app/gui/pages/tune/design_view.cpp" line="197"/>
        <source>%n chosen</source>
        <translation>
            <numerusform>%n chosen</numerusform>
            <numerusform>%n chosen</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>findings</name>
    <message numerus="yes">
        <location filename="../app/gui/pages/inspect/findings.cpp" line="125"/>
        <source>of the weights’ size, over %n matrices</source>
        <translation>
            <numerusform>of the weights’ size, over %n matrix</numerusform>
            <numerusform>of the weights’ size, over %n matrices</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>report</name>
    <message numerus="yes">
        <location filename="../app/gui/pages/reports/report_content.cpp" line="249"/>
        <source>%n runs</source>
        <translation>
            <numerusform>%n run</numerusform>
            <numerusform>%n runs</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <location filename="../app/gui/pages/reports/report_content.cpp" line="252"/>
        <source>Run %1, %2: %3 on %4, %n steps, seed %5</source>
        <translation>
            <numerusform>Run %1, %2: %3 on %4, %n step, seed %5</numerusform>
            <numerusform>Run %1, %2: %3 on %4, %n steps, seed %5</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>tw::ActivityList</name>
    <message numerus="yes">
        <location filename="../app/gui/pages/home/activity_list.cpp" line="224"/>
        <source>%n running</source>
        <translation>
            <numerusform>%n running</numerusform>
            <numerusform>%n running</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <location filename="../app/gui/pages/home/activity_list.cpp" line="226"/>
        <source>%n queued</source>
        <translation>
            <numerusform>%n queued</numerusform>
            <numerusform>%n queued</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <location filename="../app/gui/pages/home/activity_list.cpp" line="228"/>
        <source>%n finished</source>
        <translation>
            <numerusform>%n finished</numerusform>
            <numerusform>%n finished</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <location filename="../app/gui/pages/home/activity_list.cpp" line="230"/>
        <source>%n failed</source>
        <translation>
            <numerusform>%n failed</numerusform>
            <numerusform>%n failed</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>tw::BarPlot</name>
    <message numerus="yes">
        <location filename="../widgets/plot/bar_plot.cpp" line="67"/>
        <source>%1 over %2: %n bars, the highest is %3. %4</source>
        <translation>
            <numerusform>%1 over %2: %n bar, the highest is %3. %4</numerusform>
            <numerusform>%1 over %2: %n bars, the highest is %3. %4</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>tw::CellPanel</name>
    <message numerus="yes">
        <location filename="../app/gui/pages/inspect/cell_panel.cpp" line="181"/>
        <source>%n directions hold %1 %</source>
        <translation>
            <numerusform>%n direction holds %1 %</numerusform>
            <numerusform>%n directions hold %1 %</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>tw::DataPage</name>
    <message numerus="yes">
        <location filename="../app/gui/pages/data/data_view.cpp" line="310"/>
        <location filename="../app/gui/pages/data_page.cpp" line="338"/>
        <source>%n row(s). Click a counter above to see only its rows.</source>
        <translation>
            <numerusform>%n row. Click a counter above to see only its rows.</numerusform>
            <numerusform>%n rows. Click a counter above to see only its rows.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <location filename="../app/gui/pages/data_page.cpp" line="145"/>
        <source>%Ln row(s)</source>
        <translation>
            <numerusform>%Ln row</numerusform>
            <numerusform>%Ln rows</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>tw::GoalStep</name>
    <message numerus="yes">
        <location filename="../app/gui/pages/tune/goal_step.cpp" line="322"/>
        <source>evaluated every %n step(s)</source>
        <translation>
            <numerusform>evaluated every %n step</numerusform>
            <numerusform>evaluated every %n steps</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>tw::HomePage</name>
    <message numerus="yes">
        <location filename="../app/gui/pages/home_page.cpp" line="147"/>
        <source>%n model(s)</source>
        <translation>
            <numerusform>%n model</numerusform>
            <numerusform>%n models</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <location filename="../app/gui/pages/home_page.cpp" line="148"/>
        <source>%n data set(s)</source>
        <translation>
            <numerusform>%n data set</numerusform>
            <numerusform>%n data sets</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>tw::InspectPage</name>
    <message numerus="yes">
        <location filename="../app/gui/pages/inspect_page.cpp" line="306"/>
        <source>%n matrices in %1 s</source>
        <translation>
            <numerusform>%n matrix in %1 s</numerusform>
            <numerusform>%n matrices in %1 s</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>tw::MethodSettings</name>
    <message numerus="yes">
        <location filename="../app/gui/pages/tune/method_settings.cpp" line="173"/>
        <source>%n site(s)</source>
        <translation>
            <numerusform>%n site</numerusform>
            <numerusform>%n sites</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>tw::Novelty</name>
    <message numerus="yes">
        <location filename="../app/gui/pages/explore/novelty.cpp" line="328"/>
        <source>%n texts</source>
        <translation>
            <numerusform>%n text</numerusform>
            <numerusform>%n texts</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <location filename="../app/gui/pages/explore/novelty.cpp" line="341"/>
        <source>%1 nats, %n times</source>
        <translation>
            <numerusform>%1 nats, once</numerusform>
            <numerusform>%1 nats, %n times</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>tw::ReadyCard</name>
    <message numerus="yes">
        <location filename="../app/gui/pages/tune/ready_card.cpp" line="252"/>
        <source>Starts after run %1 and %n run(s) in the queue</source>
        <translation>
            <numerusform>Starts after run %1 and %n run in the queue</numerusform>
            <numerusform>Starts after run %1 and %n runs in the queue</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <location filename="../app/gui/pages/tune/ready_card.cpp" line="248"/>
        <source>%n thing(s) to put right</source>
        <translation>
            <numerusform>%n thing to put right</numerusform>
            <numerusform>%n things to put right</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <location filename="../app/gui/pages/tune/ready_card.cpp" line="203"/>
        <location filename="../app/gui/pages/tune/ready_card.cpp" line="313"/>
        <source>and %n more</source>
        <translation>
            <numerusform>and %n more</numerusform>
            <numerusform>and %n more</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>tw::RunCurves</name>
    <message numerus="yes">
        <location filename="../app/gui/pages/runs/run_curves.cpp" line="213"/>
        <source>%n runs</source>
        <translation>
            <numerusform>%n run</numerusform>
            <numerusform>%n runs</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>tw::RunDifferences</name>
    <message numerus="yes">
        <location filename="../app/gui/pages/runs/run_differences.cpp" line="172"/>
        <source>%n settings</source>
        <translation>
            <numerusform>%n setting</numerusform>
            <numerusform>%n settings</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>tw::SideBySide</name>
    <message numerus="yes">
        <location filename="../app/gui/pages/explore/side_by_side.cpp" line="205"/>
        <source>%n tokens, %1 a second</source>
        <translation>
            <numerusform>%n token, %1 a second</numerusform>
            <numerusform>%n tokens, %1 a second</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>tw::SiteDesigner</name>
    <message numerus="yes">
        <location filename="../app/gui/pages/tune/site_designer.cpp" line="102"/>
        <source>%n site(s) trained</source>
        <translation>
            <numerusform>%n site trained</numerusform>
            <numerusform>%n sites trained</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>tw::TensorTree</name>
    <message numerus="yes">
        <location filename="../app/gui/pages/models/tensor_tree.cpp" line="205"/>
        <source>%n tensor(s)</source>
        <translation>
            <numerusform>%n tensor</numerusform>
            <numerusform>%n tensors</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>tw::TokenizerView</name>
    <message numerus="yes">
        <location filename="../app/gui/pages/models/tokenizer_view.cpp" line="137"/>
        <source>%n token(s), %1</source>
        <translation>
            <numerusform>%n token, %1</numerusform>
            <numerusform>%n tokens, %1</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>tw::TunePage</name>
    <message numerus="yes">
        <location filename="../app/gui/pages/tune_page.cpp" line="367"/>
        <source>%n row(s) truncated</source>
        <translation>
            <numerusform>%n row truncated</numerusform>
            <numerusform>%n rows truncated</numerusform>
        </translation>
    </message>
</context>
</TS>
