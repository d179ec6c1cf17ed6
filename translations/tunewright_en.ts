<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en">
<context>
    <name>tw::BarPlot</name>
    <message numerus="yes">
        <location filename="../widgets/plot/bar_plot.cpp" line="67"/>
        <source>%1 over %2: %n bars, the highest is %3. %4</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
</context>
<context>
    <name>tw::CellPanel</name>
    <message numerus="yes">
        <location filename="../app/gui/pages/inspect/cell_panel.cpp" line="180"/>
        <source>%n directions hold %1 %</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
</context>
<context>
    <name>tw::DataPage</name>
    <message numerus="yes">
        <location filename="../app/gui/pages/data/data_view.cpp" line="303"/>
        <location filename="../app/gui/pages/data_page.cpp" line="270"/>
        <source>%n row(s). Click a counter above to see only its rows.</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <location filename="../app/gui/pages/data_page.cpp" line="130"/>
        <source>%n role(s)</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
</context>
<context>
    <name>tw::GoalStep</name>
    <message numerus="yes">
        <location filename="../app/gui/pages/tune/goal_step.cpp" line="296"/>
        <source>evaluated every %n step(s)</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
</context>
<context>
    <name>tw::HomePage</name>
    <message numerus="yes">
        <location filename="../app/gui/pages/home_page.cpp" line="141"/>
        <source>%n model(s)</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <location filename="../app/gui/pages/home_page.cpp" line="142"/>
        <source>%n data set(s)</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
</context>
<context>
    <name>tw::InspectPage</name>
    <message numerus="yes">
        <location filename="../app/gui/pages/inspect_page.cpp" line="289"/>
        <source>%n matrices in %1 s</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
</context>
<context>
    <name>tw::MethodStep</name>
    <message numerus="yes">
        <location filename="../app/gui/pages/tune/method_step.cpp" line="279"/>
        <source>%n site(s)</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <location filename="../app/gui/pages/tune/method_step.cpp" line="296"/>
        <source>%n site(s) trained</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
</context>
<context>
    <name>tw::Novelty</name>
    <message numerus="yes">
        <location filename="../app/gui/pages/explore/novelty.cpp" line="328"/>
        <source>%n texts</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <location filename="../app/gui/pages/explore/novelty.cpp" line="341"/>
        <source>%1 nats, %n times</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
</context>
<context>
    <name>tw::ReadyCard</name>
    <message numerus="yes">
        <location filename="../app/gui/pages/tune/ready_card.cpp" line="258"/>
        <source>%n thing(s) to put right</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <location filename="../app/gui/pages/tune/ready_card.cpp" line="319"/>
        <source>and %n more</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
</context>
<context>
    <name>tw::RunCurves</name>
    <message numerus="yes">
        <location filename="../app/gui/pages/runs/run_curves.cpp" line="177"/>
        <source>%n runs</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
</context>
<context>
    <name>tw::RunDifferences</name>
    <message numerus="yes">
        <location filename="../app/gui/pages/runs/run_differences.cpp" line="198"/>
        <source>%n settings</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
</context>
<context>
    <name>tw::SideBySide</name>
    <message numerus="yes">
        <location filename="../app/gui/pages/explore/side_by_side.cpp" line="188"/>
        <source>%n tokens, %1 a second</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
</context>
<context>
    <name>tw::TensorTree</name>
    <message numerus="yes">
        <location filename="../app/gui/pages/models/tensor_tree.cpp" line="184"/>
        <source>%n tensor(s)</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
</context>
<context>
    <name>tw::TunePage</name>
    <message numerus="yes">
        <location filename="../app/gui/pages/tune_page.cpp" line="240"/>
        <source>%n row(s) truncated</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
</context>
</TS>
