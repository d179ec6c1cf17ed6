// SPDX-License-Identifier: Apache-2.0
#include "core/data/registry.h"

namespace tw {

void registerAllData(Registry<DataReader>& registry);

const Registry<DataReader>& dataReaders()
{
    static const Registry<DataReader> readers = [] {
        Registry<DataReader> filled("data reader");
        registerAllData(filled);
        return filled;
    }();
    return readers;
}

} // namespace tw
