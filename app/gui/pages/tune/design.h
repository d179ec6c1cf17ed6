// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/workbench/experiment.h"
#include "core/workbench/values.h"

#include <string>
#include <vector>

namespace tw {

/// A kind of site of the model, as a row of the designer's grid.
struct DesignRow
{
    std::string site; ///< "attn.q"
    int group = 0; ///< attention, cross attention, MLP, places of a block, the whole model, prompt
    bool isWhole = false; ///< not within a layer: one entry in exists
    std::vector<bool> exists; ///< by layer
};

/// A cell of the grid: a row, and a layer (0 where the row is whole).
struct DesignPlace
{
    int row = 0;
    int layer = 0;
};

/// What a click attaches: an adaptation of the document, or (-1) a new one of this method.
struct Hand
{
    std::string method;
    int adaptation = -1;
};

/// Flags by row and layer.
using DesignFlags = std::vector<std::vector<bool>>;

/// Which methods can sit where in a model, and the edits of the designer: they change the document
/// and know no widget.
class Design
{
public:
    Design() = default;
    Design(const ModelSummary& model, const std::vector<PluginInfo>& methods);

    int layers() const { return m_layers; }
    const std::vector<DesignRow>& rows() const { return m_rows; }
    const std::vector<PluginInfo>& methods() const { return m_methods; }
    const PluginInfo* method(const std::string& id) const; ///< null: not registered
    bool canSit(const std::string& method, const DesignRow& row) const;
    /// Whether two methods may sit at one site: only one of them may replace the weight itself, and
    /// only one can stand before the text.
    bool mayShare(const std::string& a, const std::string& b, const DesignRow& row) const;
    /// The first method that can sit in a row; empty: none can.
    std::string firstFor(const DesignRow& row) const;

    /// Where an adaptation sits. Without sites of its own it has the usual ones of its method.
    DesignFlags placesOf(const AdaptationChoice& choice) const;
    /// The usual sites of a method in all layers.
    DesignFlags usual(const std::string& method) const;
    /// All linear sites at which a method can sit, from a layer on.
    DesignFlags linear(const std::string& method, int firstLayer) const;
    AdaptationChoice choice(const std::string& method, const DesignFlags& flags) const;

    /// Attaches what is in hand. Other methods leave these places where both may not share them; an
    /// adaptation that has lost its last place goes. Returns the one in hand.
    int attach(Experiment& e, const Hand& hand, const std::vector<DesignPlace>& places) const;
    /// The adaptation stays even where it has lost its last place: its settings are kept.
    void detach(Experiment& e, int adaptation, const std::vector<DesignPlace>& places) const;

private:
    std::map<std::string, std::string> sitesText(const DesignFlags& flags) const;
    void set(AdaptationChoice& choice, const std::vector<DesignPlace>& places, bool isOn) const;

    int m_layers = 0;
    std::vector<DesignRow> m_rows;
    std::vector<PluginInfo> m_methods;
};

/// Whether an adaptation sits anywhere.
bool isAnywhere(const DesignFlags& flags);
int countOf(const DesignFlags& flags);

} // namespace tw
