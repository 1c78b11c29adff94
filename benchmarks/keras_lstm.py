"""The Keras side of ``benchmarks.frameworks``: a script of its own, for a Python that has TensorFlow and not coursekit.

``python keras_lstm.py JOB.json`` reads the job (texts, ids, sizes), trains, and prints one line of JSON. It is written as
a careful Keras user would: ``TextVectorization``, buckets by length, batches padded to the bucket's end (so that few
shapes are compiled), ``mask_zero``, the state at the last real token.

Left out: ``unroll`` (slower to compile than to train) and the GPU kernel, which needs a GPU.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
import tensorflow as tf
from peak import peak_mib  # beside this script

BOUNDARIES = [16, 24, 32, 40, 48, 64, 96, 128, 192, 256]


def batches(id_lists: list[list[int]], labels: list[int], size: int, *, shuffle: bool) -> tf.data.Dataset:
    """Return padded batches of texts of like length."""
    signature = (tf.TensorSpec((None,), tf.int32), tf.TensorSpec((), tf.int32))
    rows = tf.data.Dataset.from_generator(
        lambda: zip(id_lists, labels, strict=True), output_signature=signature
    )
    rows = rows.cache()
    if shuffle:
        rows = rows.shuffle(len(id_lists), seed=0)
    rows = rows.bucket_by_sequence_length(
        element_length_func=lambda ids, _: tf.shape(ids)[0],
        bucket_boundaries=[end + 1 for end in BOUNDARIES],
        bucket_batch_sizes=[size] * (len(BOUNDARIES) + 1),
        pad_to_bucket_boundary=True,
    )
    return rows.prefetch(tf.data.AUTOTUNE)


def share_of_pads(data: tf.data.Dataset) -> float:
    """Return the share of pads in all batches."""
    pads, places = 0, 0
    for ids, _ in data:
        pads, places = pads + int(tf.reduce_sum(tf.cast(ids == 0, tf.int32))), places + int(tf.size(ids))
    return pads / places


def network(job: dict[str, Any], vocabulary_size: int) -> keras.Model:
    """Return embedding, LSTM over the real tokens, linear layer."""
    model = keras.Sequential([
        keras.Input((None,), dtype="int32"),
        keras.layers.Embedding(vocabulary_size, job["embedding_dim"], mask_zero=True),
        keras.layers.LSTM(job["hidden_size"]),
        keras.layers.Dense(job["n_classes"]),
    ])  # fmt: skip
    model.compile(
        optimizer=keras.optimizers.Adam(job["learning_rate"]),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
        jit_compile=job["jit_compile"],
    )
    return model


def encode(job: dict[str, Any]) -> tuple[list[list[int]], list[list[int]], int]:
    """Turn raw texts into ids with Keras's own layer, pads cut off again."""
    layer = keras.layers.TextVectorization(max_tokens=job["vocabulary_size"])
    layer.adapt(tf.data.Dataset.from_tensor_slices(job["train_texts"]).batch(1024))
    parts = []
    for texts in (job["train_texts"], job["validation_texts"]):
        found = []
        for start in range(0, len(texts), 1024):
            for row in layer(tf.constant(texts[start : start + 1024])).numpy():
                found.append(row[: max(1, np.count_nonzero(row))][: job["max_length"]].tolist())
        parts.append(found)
    return parts[0], parts[1], len(layer.get_vocabulary())


def main(path: str) -> None:
    """Train as the job says; print seconds, scores, memory."""
    job = json.loads(Path(path).read_text(encoding="utf-8"))
    tf.config.threading.set_intra_op_parallelism_threads(job["threads"])
    tf.config.threading.set_inter_op_parallelism_threads(job["threads"])
    keras.utils.set_random_seed(0)
    start = time.perf_counter()
    train, validation, size = encode(job)
    spent = time.perf_counter() - start
    learned = batches(train, job["train_labels"], job["batch_size"], shuffle=True)
    judged = batches(validation, job["validation_labels"], 256, shuffle=False)
    model = network(job, size)
    epochs: list[dict[str, float]] = []
    while len(epochs) < job["most_epochs"] and (len(epochs) < 3 or epochs[-1]["accuracy"] < job["target"]):
        begun = time.perf_counter()
        model.fit(learned, verbose=0)
        seconds = time.perf_counter() - begun
        spent += seconds
        _, accuracy = model.evaluate(judged, verbose=0)
        epochs.append({"seconds": seconds, "accuracy": accuracy, "spent": spent})
        print(
            f"  epoch {len(epochs)}: {seconds:.1f} s, validation {accuracy:.4f}", file=sys.stderr, flush=True
        )
    versions = {"keras": keras.__version__, "tensorflow": tf.__version__}
    found = {"epochs": epochs, "pads": share_of_pads(learned), "peak_mib": peak_mib(), "versions": versions}
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1])
