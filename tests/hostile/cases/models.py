# SPDX-License-Identifier: Apache-2.0
"""What says how a model is: config.json, adapter_config.json, preprocessor_config.json, and experiments."""
import json

from formats.torch_pickle import call, checkpoint

from cases.tensors import GOOD_SAFETENSORS
from cases.tokenizers import TOKENIZER

CONFIG = {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 2, "intermediate_size": 4, "num_attention_heads": 1,
          "num_hidden_layers": 1, "num_key_value_heads": 1, "vocab_size": 2, "max_position_embeddings": 8, "rms_norm_eps": 1e-6}
ADAPTER = {"peft_type": "LORA", "r": 8, "lora_alpha": 16, "target_modules": ["q_proj"], "base_model_name_or_path": "x"}


def config_cases(save, folder):
    def one(name, config, word=""):
        text = config if isinstance(config, (str, bytes)) else json.dumps(config)
        folder(f"config/{name}", {"config.json": text, "tokenizer.json": json.dumps(TOKENIZER), "model.safetensors": GOOD_SAFETENSORS}, word)

    fields = ("hidden_size", "num_hidden_layers", "vocab_size", "num_attention_heads", "num_key_value_heads", "intermediate_size", "max_position_embeddings")
    for field in fields:
        for label, value in {"huge": 2**62, "negative": -1, "zero": 0, "text": "many", "list": [1]}.items():
            one(f"{field}_{label}", {**CONFIG, field: value}, f"config/{field}")
    one("layers_many", {**CONFIG, "num_hidden_layers": 100_000})
    one("no_json", "{", "JSON")
    one("list", "[1, 2]", "config.json")
    one("deep", '{"a":' * 100000)
    one("small_parts", '{"a": [' + "[]," * 3_000_000 + "[]]}", "small parts")
    one("infinite", json.dumps(CONFIG)[:-1] + ', "rope_theta": 1e999}')
    one("nan", {**CONFIG, "rms_norm_eps": float("nan")})
    one("not_utf8", b'{"model_type": "\xff\xfe"}')
    one("unknown", {**CONFIG, "architectures": ["../../etc"], "model_type": "../../etc"}, "../../etc")
    one("rope", {**CONFIG, "rope_scaling": {"type": "yarn", "factor": -1e300}})
    one("rope_list", {**CONFIG, "rope_scaling": [1]})
    one("experts", {**CONFIG, "auto_map": {"AutoModel": "x.Model"}, "trust_remote_code": True})
    for shard in ("../../config/list/model.safetensors", "/etc/passwd", "..", "x/../../y.safetensors"):
        index = json.dumps({"weight_map": {"model.embed_tokens.weight": shard}})
        folder("config/index_" + shard.strip("./").replace("/", "_").replace(".", "_"),
               {"config.json": json.dumps(CONFIG), "tokenizer.json": json.dumps(TOKENIZER), "model.safetensors.index.json": index}, "outside the model's folder")
    folder("config/pickle", {"config.json": json.dumps(CONFIG), "pytorch_model.bin": checkpoint(call("os", "system", "id"))}, "os.system")


def adapter_cases(save, folder):
    changes = {"rank_huge": {"r": 2**62}, "rank_text": {"r": "eight"}, "rank_negative": {"r": -8}, "alpha_infinite": {"lora_alpha": 1e308},
               "modules_number": {"target_modules": 7}, "type_path": {"peft_type": "../../x"}, "pattern": {"rank_pattern": {"(((": 4}},
               "modules_of_lists": {"target_modules": [["q_proj"]]}, "type_missing": {"peft_type": None}}
    for name, change in changes.items():
        folder(f"adapter/{name}", {"adapter_config.json": json.dumps({**ADAPTER, **change}), "adapter_model.safetensors": GOOD_SAFETENSORS})
    for name, config, word in (("no_json", "{", "JSON"), ("deep", '{"a":' * 50000, "nested"), ("list", "[]", "adapter_config.json")):
        folder(f"adapter/{name}", {"adapter_config.json": config, "adapter_model.safetensors": GOOD_SAFETENSORS}, word)
    folder("adapter/no_weights", {"adapter_config.json": json.dumps(ADAPTER)}, "adapter_model")
    folder("adapter/pickle", {"adapter_config.json": json.dumps(ADAPTER), "adapter_model.bin": checkpoint(call("os", "system", "id"))}, "os.system")


def preprocessor_cases(save, folder):
    def one(name, document, word="preprocessor_config.json"):
        folder(f"preprocessor/{name}", {"preprocessor_config.json": document if isinstance(document, str) else json.dumps(document)}, word)

    one("no_json", "{", "JSON")
    one("list", "[]")
    one("deep", '{"size":' * 100000, "")
    one("no_processor", {})
    one("unknown", {"image_processor_type": "../../x"}, "../../x")
    picture = {"image_processor_type": "CLIPImageProcessor"}
    for name, change in {"size_huge": {"size": {"height": 2**40, "width": 1}}, "size_text": {"size": "large"}, "size_list": {"size": [224]},
                         "size_zero": {"size": {"shortest_edge": 0}}, "size_real": {"size": 1.5}, "crop_huge": {"crop_size": 2**40},
                         "crop_negative": {"crop_size": {"height": -1, "width": 4}}, "mean_short": {"image_mean": [0.5]},
                         "mean_text": {"image_mean": ["a", "b", "c"]}, "deviation_zero": {"image_std": [0, 1, 1]},
                         "deviation_tiny": {"image_std": [1e-300, 1, 1]}, "filter": {"resample": 9}, "flag": {"do_resize": "yes"}}.items():
        one(f"image_{name}", {**picture, **change})
    one("image_large_but_allowed", {**picture, "size": {"height": 2048, "width": 2048}, "crop_size": 2048}, "")
    one("image_too_large", {**picture, "size": {"height": 16384, "width": 16384}, "crop_size": 16384})
    one("image_crop_too_large", {**picture, "size": 8, "crop_size": 16384})
    sound = {"feature_extractor_type": "WhisperFeatureExtractor"}
    for name, change in {"rate_zero": {"sampling_rate": 0}, "rate_huge": {"sampling_rate": 2**40}, "rate_text": {"sampling_rate": "fast"},
                         "filters": {"feature_size": 10**9}, "deviation": {"std": 0}, "hop": {"hop_length": -1}, "transform": {"n_fft": 2**30},
                         "everything_at_its_most": {"sampling_rate": 768000, "chunk_length": 600, "hop_length": 1, "n_fft": 16384, "feature_size": 1024},
                         "long": {"sampling_rate": 768000, "chunk_length": 600}, "every_sample": {"hop_length": 1}}.items():
        one(f"sound_{name}", {**sound, **change})
    kaldi = {"feature_extractor_type": "ASTFeatureExtractor"}
    one("sound_stretches", {**kaldi, "max_length": 65536, "num_mel_bins": 1024})
    one("sound_mean", '{"feature_extractor_type": "ASTFeatureExtractor", "mean": 1e999}', "")


def experiment_cases(save, folder):
    good = {"model": "model", "train": {"path": "rows.csv"}, "adaptations": [{"method": "lora", "sites": {"attn.q": "0"}, "settings": {"rank": 8}}]}

    def one(name, document, word=""):
        save(f"experiment/{name}.json", document if isinstance(document, (str, bytes)) else json.dumps(document), word)

    one("no_json", '{"model": "a", "train": ', "JSON")
    one("deep", '{"model":' * 100000)
    one("not_utf8", b'{"model": "\xff\xfe", "train": {}}')
    one("unknown_key", {**good, "modle": "x"}, "modle")
    one("every_field_a_list", {key: [[]] for key in (*good, "steps", "seed", "layout", "heldOut", "objective", "optimizer")}, "model")
    one("every_field_huge", {**good, "steps": 2**62, "batchRows": 2**62, "accumulation": 2**62, "maxLength": 2**62, "threads": 2**62, "seed": 2**62})
    one("every_field_negative", {**good, "steps": -1, "batchRows": -1, "accumulation": -1, "maxLength": -1, "threads": -1, "keepCheckpoints": -1})
    one("real_steps", {**good, "steps": 1.5}, "steps")
    one("wrapped_steps", json.dumps(good)[:-1] + ', "steps": 18446744073709551616}')
    one("infinite_share", json.dumps(good)[:-1] + ', "heldOutShare": 1e999}')
    one("method", {**good, "adaptations": [{"method": "../../x"}]}, "../../x")
    one("site", {**good, "adaptations": [{"method": "lora", "sites": {"../x": "0"}}]}, "experiment/site")
    one("layers_huge", {**good, "adaptations": [{"method": "lora", "sites": {"attn.q": "0-99999999999999999999"}}]})
    one("layers_many", {**good, "adaptations": [{"method": "lora", "sites": {"attn.q": "0-2000000000"}}]})
    one("layers_wrong", {**good, "adaptations": [{"method": "lora", "sites": {"attn.q": "0,,-1-"}}]})
    one("many_adaptations", {**good, "adaptations": good["adaptations"] * 50000})
    one("rank_huge", {**good, "adaptations": [{"method": "lora", "sites": {"attn.q": "0"}, "settings": {"rank": 2**62}}]}, "rank")
    one("role", {**good, "train": {"path": "rows.csv", "roles": {"a": "../x"}}}, "experiment/role")
    one("path_of_zero", {**good, "model": "a\0b", "train": {"path": "a\0b"}})
    one("path_to_device", {**good, "train": {"path": "/dev/zero"}}, "/dev/zero")
    one("model_of_device", {**good, "model": "/dev/zero"}, "/dev/zero")
    one("path_long", {**good, "train": {"path": "x" * 1_000_000}})
    one("path_to_itself", {**good, "model": "path_to_itself.json", "train": {"path": "path_to_itself.json"}})


def make(save, folder):
    for cases in (config_cases, adapter_cases, preprocessor_cases, experiment_cases):
        cases(save, folder)
